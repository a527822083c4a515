import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'vitest';
import { parse } from 'yaml';
import type { Answered } from './ask.ts';

type Judge = (operation: string, answered: Answered) => void;

/** Holds answers to a service's OpenAPI document, for example `judge('POST /orders', answered)`. */
export function judgeOf(service: string): Judge {
  const file = new URL(`../../contracts/openapi/${service}.yaml`, import.meta.url);
  const document = parse(readFileSync(file, 'utf8'));
  // The document as a whole is no JSON Schema.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  formats.default(ajv);
  ajv.addSchema(document, service);
  return (operation, { status, headers, body, text }) => {
    const [method = '', path = ''] = operation.split(' ');
    const documented = document.paths[path]?.[method.toLowerCase()]?.responses[status];
    expect(documented, `${operation} answers ${status}: ${text}`).toBeDefined();
    const response = documented.$ref === undefined ? documented : resolve(document, documented.$ref);
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    expect(Object.keys(response.content), `${operation} ${status}`).toContain(type);
    const { $ref } = response.content[type].schema;
    expect(
      ajv.validate(`${service}${$ref}`, body),
      `${operation} ${status} ${text} ${ajv.errorsText()}`,
    ).toBe(true);
  };
}

function resolve(document: object, reference: string) {
  return reference
    .slice(2)
    .split('/')
    .reduce((here: unknown, key) => Object.entries(here ?? {}).find(([name]) => name === key)?.[1], document);
}
