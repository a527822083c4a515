import { isObject, listOf } from '../../../src/contract/openapi/json.ts';
import { type Kind, kindsOf, type Schema } from './schemas.ts';

/** Texts of the shop's usual shapes; the first one that has the shape is taken. */
const shapes = ['nobody-there', 'tok_ok', '1.00', '1', '+15550100', 'a'];

const byFormat: Readonly<Record<string, string>> = {
  email: 'nobody@example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
  'date-time': '2026-01-01T00:00:00.000Z',
  date: '2026-01-01',
  uri: 'https://example.com/',
};

/** A value that fits, with nothing in it that may be left out. `kind` chooses where there are several. */
export function sampleOf(schema: Schema, kind: Kind | undefined = kindsOf(schema)[0]): unknown {
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  switch (kind) {
    case 'string':
      return text(schema);
    case 'integer':
    case 'number':
      return Math.max(1, Number(schema['minimum'] ?? 1));
    case 'boolean':
      return true;
    case 'array':
      return list(schema);
    case 'object':
      return members(schema);
    default:
      return null;
  }
}

function text({ format, pattern, minLength }: Schema): string {
  const known = byFormat[String(format)];
  if (known !== undefined) return known;
  if (typeof pattern !== 'string') return 'a'.repeat(Math.max(1, Number(minLength ?? 1)));
  const long = 'a'.repeat(Number(minLength ?? 1));
  const found = [...shapes, long].find(
    (shape) => new RegExp(pattern, 'u').test(shape) && shape.length >= Number(minLength ?? 0),
  );
  if (found === undefined)
    throw new Error(`no sample has the shape ${pattern}: give one in a documented example`);
  return found;
}

function list({ items, minItems }: Schema): unknown[] {
  const item = isObject(items) ? sampleOf(items) : 'a';
  return Array.from({ length: Math.max(1, Number(minItems ?? 1)) }, () => item);
}

function members({ properties, required }: Schema): Record<string, unknown> {
  const known = isObject(properties) ? properties : {};
  return Object.fromEntries(
    listOf(required).flatMap((name) => {
      const schema = known[String(name)];
      return isObject(schema) ? [[String(name), sampleOf(schema)]] : [];
    }),
  );
}

/** The body with a member at `steps`: what is missing on the way there is made up. */
export function reaching(value: unknown, schema: Schema, steps: readonly string[]): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value === undefined ? sampleOf(schema) : value;
  if (isObject(schema['items'])) {
    const items: unknown[] = Array.isArray(value) ? [...value] : [];
    items[0] = reaching(items[0], schema['items'], rest);
    return items;
  }
  const { properties } = schema;
  const member = isObject(properties) ? properties[step] : undefined;
  const given = isObject(value) ? value : sampleOf(schema, 'object');
  if (!isObject(given) || !isObject(member)) return value;
  return { ...given, [step]: reaching(given[step], member, rest) };
}
