import { isObject, type JsonObject, listOf } from '../../../src/contract/openapi/json.ts';
import { nodeAt } from '../../../src/contract/openapi/tree.ts';
import type { Path } from '../../../src/source/index.ts';

/** A JSON Schema without references. */
export type Schema = JsonObject;

/** The kinds of JSON values as JSON Schema calls them, each with one such value that nobody could mean. */
export const kinds = ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object'] as const;
export type Kind = (typeof kinds)[number];

/** The schema written at a place of a document, with everything that it refers to in its place. */
export function schemaAt(root: JsonObject, at: Path): Schema {
  const schema = inlined(root, nodeAt(root, at)?.value, 0);
  return isObject(schema) ? schema : {};
}

function inlined(root: JsonObject, value: unknown, depth: number): unknown {
  if (depth > 30) throw new Error('a schema that holds itself has no end');
  if (Array.isArray(value)) return value.map((item) => inlined(root, item, depth + 1));
  if (!isObject(value)) return value;
  const { $ref, ...own } = value;
  const members = Object.entries(own).map(([key, member]) => [key, inlined(root, member, depth + 1)]);
  const beside = Object.fromEntries(members);
  if (typeof $ref !== 'string') return beside;
  const steps = $ref
    .slice('#/'.length)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const target = inlined(root, nodeAt(root, steps)?.value, depth + 1);
  return isObject(target) ? { ...target, ...beside } : beside;
}

/** The kinds that a value may have; all of them where the schema does not say. */
export function kindsOf(schema: Schema): readonly Kind[] {
  const { type } = schema;
  if (type === undefined) {
    const given = 'const' in schema ? [schema['const']] : listOf(schema['enum']);
    return given.length === 0 ? kinds : [...new Set(given.map(kindOf))];
  }
  return kinds.filter((kind) => (Array.isArray(type) ? type.includes(kind) : type === kind));
}

function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return kinds.find((kind) => kind === typeof value) ?? 'object';
}

/** Names are the caller's to choose, within bounds: such a member is what the map is for, and not unknown. */
export function isBoundedMap(schema: Schema): boolean {
  const { properties, additionalProperties, propertyNames, maxProperties } = schema;
  const named = isObject(propertyNames) && typeof propertyNames['pattern'] === 'string';
  return properties === undefined && isObject(additionalProperties) && named && maxProperties !== undefined;
}

/** A member of a body, however deep: where it is, and what it may be. */
export interface Field {
  steps: readonly string[];
  schema: Schema;
  isRequired: boolean;
}

/** Every member that a body of this schema can have; of lists the first item stands for all. */
export function fieldsOf(schema: Schema, steps: readonly string[] = []): Field[] {
  const { properties, items } = schema;
  const members = Object.entries(isObject(properties) ? properties : {}).flatMap(([name, member]) => {
    if (!isObject(member)) return [];
    const isRequired = listOf(schema['required']).includes(name);
    const at = [...steps, name];
    return [{ steps: at, schema: member, isRequired }, ...fieldsOf(member, at)];
  });
  if (!isObject(items)) return members;
  const first = [...steps, '0'];
  return [...members, { steps: first, schema: items, isRequired: false }, ...fieldsOf(items, first)];
}

export const pointerTo = (steps: readonly string[]) => ['#', ...steps].join('/');
