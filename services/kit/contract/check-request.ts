import type { Ajv2020 } from 'ajv/dist/2020.js';
import { onDemand } from '../on-demand.ts';
import { type Complaint, invalidRequest } from '../problem.ts';
import { complaintsOf } from './complaints.ts';
import { isObject, type JsonObject, type Located, member, resolve } from './document.ts';

/** A request as it arrived. Header names are in lower case. */
export interface RawRequest {
  path: Readonly<Record<string, unknown>>;
  query: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, unknown>>;
  mediaType: string | undefined;
  body: unknown;
}

/** Every documented parameter by `path/id`, `query/limit` or `header/idempotency-key`, defaults filled in, and the body. */
export interface ValidRequest<Body> {
  parameters: ReadonlyMap<string, string | number>;
  body: Body;
}

/** Checks a request against one operation of the document; throws a 400 problem with every complaint. */
export interface OperationCheck<Body> {
  /** Media types of the request body; none when the operation takes no body. */
  mediaTypes: readonly string[];
  /** Whether a request without any body fits as well. */
  isBodyOptional: boolean;
  check(request: RawRequest): ValidRequest<Body>;
}

interface Parameter {
  place: string;
  name: string;
  isRequired: boolean;
  isInteger: boolean;
  fallback: unknown;
  complain: (value: unknown) => Complaint[];
}

/** Schemas are compiled when the first request meets them: most are not needed for a long time, and some never. */
export function compileOperation<Body>(
  ajv: () => Ajv2020,
  document: JsonObject,
  at: Located,
): OperationCheck<Body> {
  const parameters = parametersOf(ajv, document, at);
  // What documents no 400 (health, metrics) takes no input, and does not look at any.
  const takesInput = member(member(at, 'responses'), '400').value !== undefined;
  const requestBody = resolve(document, member(at, 'requestBody'));
  const content = member(requestBody, 'content');
  const mediaTypes = isObject(content.value) ? Object.keys(content.value) : [];
  const bodies = new Map(
    mediaTypes.map((type) => [
      type,
      onDemand(() => ajv().compile<Body>({ $ref: reference(member(member(content, type), 'schema')) })),
    ]),
  );
  const isBodyOptional = member(requestBody, 'required').value !== true;
  return {
    mediaTypes,
    isBodyOptional,
    check: (request) => {
      const { values, complaints } = checkParameters(parameters, request);
      if (takesInput) complaints.push(...unknownParameters(parameters, request));
      const isLeftOut = isBodyOptional && request.body === undefined;
      const validate = isLeftOut ? nothing<Body> : (bodies.get(request.mediaType ?? '')?.() ?? nothing<Body>);
      if (validate(request.body) && complaints.length === 0)
        return { parameters: values, body: request.body };
      throw invalidRequest([...complaints, ...complaintsOf(validate.errors, '#')]);
    },
  };
}

/** An operation without a body has `undefined` as its body, which nobody has to look at. */
const nothing: { <Body>(body: unknown): body is Body; errors?: undefined } = <Body>(
  _body: unknown,
): _body is Body => true;

function parametersOf(ajv: () => Ajv2020, document: JsonObject, at: Located): Parameter[] {
  const list = member(at, 'parameters');
  const entries: unknown[] = Array.isArray(list.value) ? list.value : [];
  return entries.map((value, index) => {
    const parameter = resolve(document, { pointer: `${list.pointer}/${index}`, value });
    const schema = member(parameter, 'schema');
    const resolved = resolve(document, schema);
    const place = `${member(parameter, 'in').value}`;
    const name = `${member(parameter, 'name').value}`;
    const compiled = onDemand(() => ajv().compile({ $ref: reference(schema) }));
    return {
      place,
      name: place === 'header' ? name.toLowerCase() : name,
      isRequired: member(parameter, 'required').value === true,
      isInteger: member(resolved, 'type').value === 'integer',
      fallback: member(resolved, 'default').value,
      complain: (given) => {
        const validate = compiled();
        return validate(given) ? [] : complaintsOf(validate.errors, `${place}/${name}`);
      },
    };
  });
}

function checkParameters(parameters: readonly Parameter[], request: RawRequest) {
  const values = new Map<string, string | number>();
  const complaints: Complaint[] = [];
  const sources = new Map([
    ['path', request.path],
    ['query', request.query],
    ['header', request.headers],
  ]);
  for (const parameter of parameters) {
    const pointer = `${parameter.place}/${parameter.name}`;
    const given = sources.get(parameter.place)?.[parameter.name];
    const value = given === undefined ? parameter.fallback : readNumber(parameter, given);
    if (value === undefined) {
      if (parameter.isRequired) complaints.push({ pointer, message: 'is required' });
      continue;
    }
    complaints.push(...parameter.complain(value));
    if (typeof value === 'string' || typeof value === 'number') values.set(pointer, value);
  }
  return { values, complaints };
}

function unknownParameters(parameters: readonly Parameter[], { query }: RawRequest): Complaint[] {
  const known = new Set(parameters.filter(({ place }) => place === 'query').map(({ name }) => name));
  return Object.keys(query)
    .filter((name) => !known.has(name))
    .map((name) => ({ pointer: `query/${name}`, message: 'is not a known parameter' }));
}

/** Parameters arrive as text; what is documented as an integer and looks like one becomes a number. */
function readNumber(parameter: Parameter, given: unknown): unknown {
  const looksRight = parameter.isInteger && typeof given === 'string' && /^-?\d{1,15}$/.test(given);
  return looksRight ? Number(given) : given;
}

/** The pointer as a URI fragment of the document that ajv knows as "contract". */
function reference(at: Located): string {
  return `contract#${at.pointer.split('/').map(encodeURIComponent).join('/')}`;
}
