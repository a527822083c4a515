import type { Path } from '../../source/index.ts';
import { isObject, type JsonObject, listOf } from '../openapi/json.ts';
import { nodeAt } from '../openapi/tree.ts';

/** Keywords that refuse some object, each by itself. */
const REFUSING = ['const', 'enum', 'not', 'oneOf', 'anyOf', 'if', 'minProperties', 'propertyNames'];
const MAX_DEPTH = 20;

/** Whether there is a JSON object that the schema at `at` refuses for something that it lacks or is. */
export function canFail(root: JsonObject, at: Path | undefined): boolean {
  return at !== undefined && refuses(root, at, MAX_DEPTH);
}

function refuses(root: JsonObject, at: Path, depth: number): boolean {
  const node = nodeAt(root, at);
  if (node === undefined || depth === 0) return false;
  const { value: schema } = node;
  if (!isObject(schema)) return schema === false;
  const types = listOf(Array.isArray(schema['type']) ? schema['type'] : [schema['type']]);
  if (schema['type'] !== undefined && !types.includes('object')) return true;
  if (listOf(schema['required']).length > 0) return true;
  if (schema['additionalProperties'] === false || schema['unevaluatedProperties'] === false) return true;
  if (REFUSING.some((keyword) => schema[keyword] !== undefined)) return true;
  return listOf(schema['allOf']).some((_, index) => refuses(root, [...node.at, 'allOf', index], depth - 1));
}
