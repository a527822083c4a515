import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

/** The AsyncAPI document as it is in the repository, which is what others read. */
export const document: unknown = parse(
  readFileSync(new URL('../../../contracts/asyncapi/shop.yaml', import.meta.url), 'utf8'),
);

export type Tree = Readonly<Record<string, unknown>>;

export function tree(value: unknown): Tree {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** What stands at `a/b/c`. */
export function at(path: string): unknown {
  return path.split('/').reduce((value: unknown, member) => tree(value)[member], document);
}

/** By type: where its message is in the document. */
export const messages = new Map(
  Object.entries(tree(at('components/messages'))).map(([key, message]) => [
    String(tree(message)['name']),
    key,
  ]),
);

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
ajv.addSchema(tree(closed(document)), 'shop');

/** What the document says against a payload or the headers of that type; empty: nothing. */
export function complaints(type: string, part: 'payload' | 'headers', value: unknown): string[] {
  const key = messages.get(type);
  if (key === undefined) return [`${type} is not documented`];
  const validate = ajv.compile({ $ref: `shop#/components/messages/${key}/${part}` });
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `${type} ${instancePath} ${message} ${params['additionalProperty'] ?? ''}`.trim(),
  );
}

/** Consumers ignore what they do not know; a publisher must not say what is not documented. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closed(member)]));
  return members['type'] === 'object' && 'required' in members
    ? { ...members, additionalProperties: false }
    : members;
}
