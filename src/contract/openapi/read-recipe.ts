import { compileSchema } from '../../lib/json-schema.ts';
import { didYouMean, type Path } from '../../source/index.ts';
import { type Assignment, type Authorization, DEFAULT_EXAMPLE, type Precondition } from './contract.ts';
import { readAssignment } from './read-assignment.ts';
import { readShape } from './read-shape.ts';
import type { Reader } from './reader.ts';

type ByExample<T> = Readonly<Record<string, T>>;
type RawAssignments = Readonly<Record<string, unknown>>;

interface RawPrecondition {
  readonly operation: string;
  readonly example?: string;
  readonly as?: string;
  readonly set?: RawAssignments;
}

interface RawAuthorization {
  readonly given?: readonly RawPrecondition[];
  readonly set: RawAssignments;
}

const assignments = { type: 'object', description: 'a mapping of places in the request to values' } as const;

const callsSchema = {
  type: 'array',
  description: 'a list of calls',
  items: {
    type: 'object',
    required: ['operation'],
    additionalProperties: false,
    properties: {
      operation: { type: 'string', minLength: 1, description: 'an operationId or service#operationId' },
      example: { type: 'string', description: 'the name of an example of that operation' },
      as: {
        type: 'string',
        pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
        description: 'a name of letters, digits and _',
      },
      set: assignments,
    },
  },
} as const;

const givenCheck = compileSchema<ByExample<readonly RawPrecondition[]>>({
  type: 'object',
  description: 'a mapping of example names to lists of calls',
  additionalProperties: callsSchema,
});

const authorizeCheck = compileSchema<ByExample<RawAuthorization>>({
  type: 'object',
  description: 'a mapping of security schemes to how calls use them',
  additionalProperties: {
    type: 'object',
    description: 'a mapping with `given` and `set`',
    required: ['set'],
    additionalProperties: false,
    properties: { given: callsSchema, set: assignments },
  },
});

const choiceCheck = compileSchema<ByExample<string>>({
  type: 'object',
  description: 'a mapping of example names to security schemes or `none`',
  additionalProperties: { type: 'string', description: 'the name of a security scheme, or `none`' },
});

const setCheck = compileSchema<ByExample<RawAssignments>>({
  type: 'object',
  additionalProperties: assignments,
});

/** `x-given`: which calls come before an example of this operation, by example name. */
export function readPreconditions(reader: Reader, operationAt: Path): ReadonlyMap<string, Precondition[]> {
  const at = [...operationAt, 'x-given'];
  const raw = readShape(reader, at, givenCheck) ?? {};
  return new Map(
    Object.entries(raw).map(([example, calls]) => [example, readCalls(reader, [...at, example], calls)]),
  );
}

/** `x-authorize` of the document: how calls say who asks, by security scheme. */
export function readAuthorizations(reader: Reader): ReadonlyMap<string, Authorization> {
  const at = ['x-authorize'];
  const raw = readShape(reader, at, authorizeCheck) ?? {};
  const schemes = Object.keys(reader.object(['components'], 'securitySchemes').value);
  return new Map(
    Object.entries(raw).map(([scheme, { given = [], set }]) => {
      const place = [...at, scheme];
      if (!schemes.includes(scheme)) reportUnknown(reader, place, scheme, schemes);
      return [
        scheme,
        {
          given: readCalls(reader, [...place, 'given'], given),
          set: readAssignments(reader, [...place, 'set'], set),
        },
      ];
    }),
  );
}

/** `x-authorize` of an operation: which of the document's ways an example uses instead, by example name. */
export function readAuthorizeByExample(
  reader: Reader,
  operationAt: Path,
): ReadonlyMap<string, string | undefined> {
  const at = [...operationAt, 'x-authorize'];
  const raw = readShape(reader, at, choiceCheck) ?? {};
  const known = ['none', ...Object.keys(reader.object([], 'x-authorize').value)];
  for (const [example, scheme] of Object.entries(raw)) {
    if (!known.includes(scheme)) reportUnknown(reader, [...at, example], scheme, known);
  }
  return new Map(
    Object.entries(raw).map(([example, scheme]) => [example, scheme === 'none' ? undefined : scheme]),
  );
}

function reportUnknown(reader: Reader, at: Path, scheme: string, known: readonly string[]): void {
  const near = didYouMean(scheme, known);
  const hint = near === undefined ? `known: ${known.join(', ')}` : `did you mean \`${near}\`?`;
  reader.report(at, `there is no security scheme \`${scheme}\``, hint);
}

function readCalls(reader: Reader, at: Path, calls: readonly RawPrecondition[]): Precondition[] {
  return calls.map((call, index) => readPrecondition(reader, [...at, index], call));
}

/** `x-set`: what an example of this operation takes from earlier answers, by example name. */
export function readAssignmentsByExample(
  reader: Reader,
  operationAt: Path,
): ReadonlyMap<string, Assignment[]> {
  const at = [...operationAt, 'x-set'];
  const raw = readShape(reader, at, setCheck) ?? {};
  return new Map(
    Object.entries(raw).map(([example, set]) => [example, readAssignments(reader, [...at, example], set)]),
  );
}

function readPrecondition(reader: Reader, at: Path, raw: RawPrecondition): Precondition {
  const hash = raw.operation.indexOf('#');
  return {
    ...(hash === -1 ? {} : { service: raw.operation.slice(0, hash) }),
    operation: raw.operation.slice(hash + 1),
    example: raw.example ?? DEFAULT_EXAMPLE,
    ...(raw.as === undefined ? {} : { as: raw.as }),
    set: readAssignments(reader, [...at, 'set'], raw.set ?? {}),
    at,
  };
}

function readAssignments(reader: Reader, at: Path, raw: RawAssignments): Assignment[] {
  return Object.entries(raw).flatMap(([target, value]) => {
    const place = [...at, target];
    const assignment = readAssignment(target, value, place);
    if (typeof assignment !== 'string') return [assignment];
    reader.report(place, assignment);
    return [];
  });
}
