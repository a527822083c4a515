import type { SentRequest } from '../../model/index.ts';
import type { Operation } from '../openapi/contract.ts';
import { isObject } from '../openapi/json.ts';
import { isJson } from '../openapi/media-type.ts';
import { expandPath } from '../openapi/path-template.ts';
import type { RequestParts } from './example-request.ts';

/** Writes the parts of a request as text (OpenAPI styles `simple` and `form`). */
export function writeRequest(baseUrl: string, operation: Operation, parts: RequestParts): SentRequest {
  const base = new URL(baseUrl);
  const ownPath = base.pathname.replace(/\/+$/, '');
  const prefix = `${base.origin}${ownPath === '' ? operation.basePaths[0] : ownPath}`;
  const path = expandPath(operation.template, mapValues(parts.path, joined));
  const query = queryOf(operation, parts.query).toString();
  const cookie = [...parts.cookie].map(([name, value]) => `${name}=${joined(value)}`).join('; ');
  return {
    method: operation.method,
    url: `${prefix}${path}${query === '' ? '' : `?${query}`}`,
    headers: {
      ...(parts.body === undefined ? {} : { 'content-type': parts.body.mediaType }),
      ...(cookie === '' ? {} : { cookie }),
      ...Object.fromEntries(mapValues(parts.header, joined)),
    },
    ...(parts.body === undefined ? {} : { body: writeBody(parts.body.mediaType, parts.body.value) }),
  };
}

function queryOf(operation: Operation, values: RequestParts['query']): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of values) {
    const parameter = operation.parameters.find(
      (candidate) => candidate.in === 'query' && candidate.name === name,
    );
    const explode = parameter?.explode ?? true;
    if (Array.isArray(value) && explode) for (const item of value) query.append(name, scalar(item));
    else if (isObject(value) && explode) appendFields(query, value);
    else query.append(name, joined(value));
  }
  return query;
}

function appendFields(query: URLSearchParams, fields: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(fields)) query.append(key, joined(value));
}

function writeBody(mediaType: string, value: unknown): string {
  if (isJson(mediaType)) return JSON.stringify(value);
  if (mediaType === 'application/x-www-form-urlencoded' && isObject(value)) {
    const fields = new URLSearchParams();
    appendFields(fields, value);
    return fields.toString();
  }
  return scalar(value);
}

const joined = (value: unknown) => (Array.isArray(value) ? value.map(scalar).join(',') : scalar(value));

const scalar = (value: unknown) =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

function mapValues(
  values: ReadonlyMap<string, unknown>,
  write: (value: unknown) => string,
): Map<string, string> {
  return new Map([...values].map(([name, value]) => [name, write(value)]));
}
