import type { Operation, Parameter } from '../../../src/contract/openapi/contract.ts';
import { isObject, listOf } from '../../../src/contract/openapi/json.ts';
import { isSuccess } from '../../../src/contract/openapi/status.ts';
import { nodeAt } from '../../../src/contract/openapi/tree.ts';
import type { LoadedContract } from '../../../src/contract/service.ts';
import { type PlannedCall, planCalls } from '../../../src/contract/verify/plan.ts';
import { reaching, sampleOf } from './sample.ts';
import { type Schema, schemaAt } from './schemas.ts';

/** An operation as its document describes it, with all that bad requests are derived from. */
export interface Described {
  service: LoadedContract;
  operation: Operation;
  /** `POST /api/users`. */
  title: string;
  parameters: readonly DescribedParameter[];
  body: DescribedBody | undefined;
  access: Access;
  /** The documented examples that succeed. */
  successes: readonly PlannedCall[];
  documents(status: number): boolean;
}

export interface DescribedParameter extends Parameter {
  schema: Schema;
  /** Whether a text that is sent as this parameter fits. */
  fits(text: string): boolean;
}

export interface DescribedBody {
  schema: Schema;
  mediaTypes: readonly string[];
  isRequired: boolean;
  /** A body that fits; that of the first documented success where there is one. */
  example: unknown;
  fits(value: unknown): boolean;
  /** A body that fits and has a member at `steps`: the given one, if possible as it is. */
  having(body: unknown, steps: readonly string[]): unknown;
}

/** Who may call an operation. */
export interface Access {
  /** Undefined for what is open to everybody. */
  scheme: 'bearer' | 'basic' | undefined;
  /** One of these is needed; whoever is known may where there are none. */
  roles: readonly string[];
  /** Whether somebody without a token is let in, in a shop with tokens. */
  isOptional: boolean;
}

/** Every operation of one service; `services` are all whose operations may be called before. */
export function describeOperations(
  services: readonly LoadedContract[],
  service: LoadedContract,
): Described[] {
  const names = services.map(({ name }) => name);
  const calls = planCalls(services, [service], { present: names, all: names });
  return service.contract.operations.map((operation) => {
    const own = calls.filter((call) => call.operation === operation && call.obstacle === undefined);
    const successes = own.filter(({ expected }) => isSuccess(expected?.status ?? ''));
    return {
      service,
      operation,
      title: `${operation.method} ${operation.template.path}`,
      parameters: operation.parameters.map((parameter) => describeParameter(service, parameter)),
      body: describeBody(service, operation, successes),
      access: accessOf(service, operation, successes),
      successes,
      documents: (status) => operation.responses.some((response) => response.status === String(status)),
    };
  });
}

function describeParameter(
  { contract, validators }: LoadedContract,
  parameter: Parameter,
): DescribedParameter {
  const at = parameter.schemaAt ?? [];
  const schema = schemaAt(contract.root, at);
  return {
    ...parameter,
    schema,
    fits: (text) => {
      const isNumber = schema['type'] === 'integer' && /^-?\d{1,15}$/.test(text);
      return validators.validate('request', at, isNumber ? Number(text) : text).length === 0;
    },
  };
}

function describeBody(
  { contract, validators }: LoadedContract,
  { body, id }: Operation,
  successes: readonly PlannedCall[],
): DescribedBody | undefined {
  const [media] = body?.media ?? [];
  if (body === undefined || media?.schemaAt === undefined) return undefined;
  const { schemaAt: at } = media;
  const schema = schemaAt(contract.root, at);
  const fits = (value: unknown) => validators.validate('request', at, value).length === 0;
  const written = [...media.examples.values()].map(({ value }) => value);
  const candidates = [...successes.map(({ parts }) => parts.body?.value), ...written, sampleOf(schema)];
  const example = candidates.find(fits);
  if (example === undefined) throw new Error(`no body for ${id} can be made up: document an example`);
  return {
    schema,
    mediaTypes: body.media.map(({ type }) => type),
    isRequired: body.required,
    example,
    fits,
    having: (given, steps) => {
      const hosts = [given, reaching(given, schema, steps), ...candidates];
      const host = hosts.find((one) => fits(one) && has(one, steps));
      const made = reaching(sampleOf(schema), schema, steps);
      if (host !== undefined || fits(made)) return host ?? made;
      throw new Error(`no body for ${id} with #/${steps.join('/')} can be made up: document an example`);
    },
  };
}

function has(value: unknown, steps: readonly string[]): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return value !== undefined;
  if (Array.isArray(value)) return has(value[Number(step)], rest);
  return isObject(value) && has(value[step], rest);
}

function accessOf(
  { contract }: LoadedContract,
  operation: Operation,
  successes: readonly PlannedCall[],
): Access {
  const { security } = operationObject(contract.root, operation);
  const requirements = listOf(security ?? contract.root['security']).filter(isObject);
  const [found] = requirements.flatMap((requirement) => Object.entries(requirement));
  if (found === undefined) return { scheme: undefined, roles: [], isOptional: true };
  const [name, roles] = found;
  const scheme = nodeAt(contract.root, ['components', 'securitySchemes', name])?.value;
  // An example that is called without credentials although the others have some, and that succeeds, is open to all.
  const isOptional = successes.some(
    ({ example }) => operation.authorize.has(example) && operation.authorize.get(example) === undefined,
  );
  const isBasic = isObject(scheme) && scheme['scheme'] === 'basic';
  return { scheme: isBasic ? 'basic' : 'bearer', roles: listOf(roles).map(String), isOptional };
}

function operationObject(root: LoadedContract['contract']['root'], { at }: Operation) {
  const value = nodeAt(root, at)?.value;
  return isObject(value) ? value : {};
}
