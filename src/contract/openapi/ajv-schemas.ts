import { fromPointer } from '../../lib/json-pointer.ts';
import { isObject, type JsonObject, listOf } from './json.ts';
import { nodeAt } from './tree.ts';

export type Direction = 'request' | 'response';

/** Keywords whose values are data rather than schemas. */
const DATA = new Set(['example', 'examples', 'enum', 'const', 'default']);
/** Keywords whose values map names of the user's own choice to something (`default` is also a response). */
const NAMED = new Set([
  ...['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'schemas'],
  ...['paths', 'responses', 'parameters', 'headers', 'requestBodies', 'content', 'callbacks'],
]);

interface Dialect {
  readonly root: JsonObject;
  readonly version: '3.0' | '3.1';
  readonly direction: Direction;
}

/**
 * A copy of the document in which every schema means the same in draft 2020-12 as it does in its OpenAPI version:
 * `nullable` and boolean `exclusiveMinimum` of 3.0 are translated, what stands beside a 3.0 `$ref` is dropped, and a
 * property that only travels the other way (`readOnly`, `writeOnly`) is not required.
 */
export function toDraft2020(dialect: Dialect): JsonObject {
  const copy = convert(dialect, dialect.root, false);
  return isObject(copy) ? copy : {};
}

function convert(dialect: Dialect, value: unknown, isNamed: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(dialect, item, false));
  if (!isObject(value)) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      !isNamed && DATA.has(key) ? child : convert(dialect, child, !isNamed && NAMED.has(key)),
    ]),
  );
  if (isNamed) return copy;
  return withoutOneWay(dialect, dialect.version === '3.0' ? fromVersion30(copy) : withoutNullable(copy));
}

function fromVersion30(schema: JsonObject): JsonObject {
  if (typeof schema['$ref'] === 'string') return { $ref: schema['$ref'] };
  const { nullable, exclusiveMinimum, exclusiveMaximum, ...rest } = schema;
  const result: Record<string, unknown> = { ...rest };
  if (typeof exclusiveMinimum === 'boolean')
    moveBound(result, 'minimum', 'exclusiveMinimum', exclusiveMinimum);
  if (typeof exclusiveMaximum === 'boolean')
    moveBound(result, 'maximum', 'exclusiveMaximum', exclusiveMaximum);
  if (nullable === true && typeof result['type'] === 'string') result['type'] = [result['type'], 'null'];
  // Anything else under these names is no schema keyword but somebody's data: it stays.
  for (const [key, value] of Object.entries({ nullable, exclusiveMinimum, exclusiveMaximum })) {
    if (value !== undefined && typeof value !== 'boolean') result[key] = value;
  }
  return result;
}

function moveBound(
  schema: Record<string, unknown>,
  inclusive: string,
  exclusive: string,
  isSet: boolean,
): void {
  if (!isSet || schema[inclusive] === undefined) return;
  schema[exclusive] = schema[inclusive];
  delete schema[inclusive];
}

/** In 3.1 `nullable` is no keyword; the validator would give it its 3.0 meaning. */
function withoutNullable(schema: JsonObject): JsonObject {
  if (typeof schema['nullable'] !== 'boolean') return schema;
  const { nullable: _, ...rest } = schema;
  return rest;
}

function withoutOneWay(dialect: Dialect, schema: JsonObject): JsonObject {
  const properties = schema['properties'];
  if (!isObject(properties) || !Array.isArray(schema['required'])) return schema;
  const keyword = dialect.direction === 'request' ? 'readOnly' : 'writeOnly';
  const required = listOf(schema['required']).filter(
    (name) => typeof name !== 'string' || !isMarked(dialect.root, properties[name], keyword),
  );
  return { ...schema, required };
}

function isMarked(root: JsonObject, property: unknown, keyword: string): boolean {
  if (!isObject(property)) return false;
  if (property[keyword] === true) return true;
  const reference = property['$ref'];
  if (typeof reference !== 'string' || !reference.startsWith('#')) return false;
  const target = nodeAt(root, fromPointer(reference.slice(1)))?.value;
  return isObject(target) && target[keyword] === true;
}
