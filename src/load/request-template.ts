import type { LoadRequest } from '../config/index.ts';
import { compileTemplate, type Evaluator, type Scope, type Template } from '../expression/index.ts';
import type { WireRequest } from './wire-request.ts';

/** Functions that give another value with every call: a request that calls one is rendered anew each time. */
const CHANGING = /\b(uuid|unique|seq|now)\s*\(|\bfake\b/;
const LINE_BREAK = /[\r\n\0]/;

/** A request whose expressions gave something that cannot be sent. */
export class UnsendableRequest extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The parts of a request that may hold `${}`. */
export function templateOf({ url, headers, json, body }: LoadRequest): Template {
  return compileTemplate({
    ...{ url, headers },
    ...(json === undefined ? {} : { json }),
    ...(body === undefined ? {} : { body }),
  });
}

/**
 * A function that renders one request. Its result is kept when no expression in it can change.
 *
 * @throws from the function: ExpressionError, or UnsendableRequest for a URL or header that cannot be sent
 */
export function compileRequest(request: LoadRequest, evaluator: Evaluator, scope: Scope): () => WireRequest {
  const template = templateOf(request);
  const render = () => toWire(request, template.resolve(evaluator, scope));
  if (template.expressions.some(({ source }) => CHANGING.test(source))) return render;
  let rendered: WireRequest | undefined;
  return () => {
    rendered ??= render();
    return rendered;
  };
}

function toWire(request: LoadRequest, resolved: unknown): WireRequest {
  const parts = fieldsOf(resolved);
  const url = targetUrl(request, parts['url']);
  const headers = Object.fromEntries(
    Object.entries(fieldsOf(parts['headers'])).map(([name, value]) => [
      name,
      headerValue(request, name, value),
    ]),
  );
  const body = parts['json'] === undefined ? textOf(parts['body']) : JSON.stringify(parts['json']);
  if (parts['json'] !== undefined) headers['content-type'] ??= 'application/json';
  const usualPort = url.protocol === 'https:' ? 443 : 80;
  const port = url.port === '' ? usualPort : Number(url.port);
  return {
    origin: `${url.protocol}//${url.hostname}:${port}`,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    host: url.host,
    method: request.method,
    path: `${url.pathname}${url.search}`,
    headers,
    ...(body === undefined ? {} : { body }),
  };
}

function targetUrl({ name }: LoadRequest, value: unknown): URL {
  const text = String(value);
  if (!URL.canParse(text)) {
    throw new UnsendableRequest(
      `\`${name}\`: ${JSON.stringify(text)} is not a URL`,
      'begin it with a service, as in `${users}/api/users`',
    );
  }
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) {
    throw new UnsendableRequest(
      `\`${name}\`: load can be driven over http and https only, not ${url.protocol}//`,
      'begin it with http:// or https://',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new UnsendableRequest(
      `\`${name}\`: the URL holds a user or a password`,
      'send an `authorization` header instead',
    );
  }
  return url;
}

/** A line break in a header would let its value add headers, or a request of its own. */
function headerValue({ name }: LoadRequest, header: string, value: unknown): string {
  const text = textOf(value) ?? '';
  if (LINE_BREAK.test(text))
    throw new UnsendableRequest(`\`${name}\`: the header \`${header}\` contains a line break`);
  return text;
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
