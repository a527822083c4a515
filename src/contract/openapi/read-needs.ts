import { compileSchema } from '../../lib/json-schema.ts';
import type { Path } from '../../source/index.ts';
import type { Need } from './contract.ts';
import { readShape } from './read-shape.ts';
import type { Reader } from './reader.ts';

const needsCheck = compileSchema<Readonly<Record<string, readonly string[]>>>({
  type: 'object',
  description: 'a mapping of example names to lists of services',
  additionalProperties: {
    type: 'array',
    description: 'a list of services that must be in the topology',
    items: { type: 'string', minLength: 1, description: 'the name of a service' },
  },
});

/** `x-needs`: the services without which an example does not hold, by example name. */
export function readNeeds(reader: Reader, operationAt: Path): ReadonlyMap<string, readonly Need[]> {
  const at = [...operationAt, 'x-needs'];
  const raw = readShape(reader, at, needsCheck) ?? {};
  return new Map(
    Object.entries(raw).map(([example, services]) => [
      example,
      services.map((service, index) => ({ service, at: [...at, example, index] })),
    ]),
  );
}
