import type { IncomingMessage } from 'node:http';

/** Of a request and of an answer; Node takes a quarter of it unless told. */
export const MAX_HEADER_BYTES = 64 * 1024;

/** About one connection, not about the message (RFC 9110, 7.6.1). `expect` has been answered by us. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** The headers of a message that go on, as name, value, name, value: order, case and repetitions stay as they are. */
export function endToEnd({ rawHeaders, headers }: IncomingMessage): string[] {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return pairs(rawHeaders).flatMap(([name, value]) => {
    const key = name.toLowerCase();
    return HOP_BY_HOP.has(key) || named.has(key) ? [] : [name, value];
  });
}

/** Those of a request, with where it came from, and with how long its body is said as it was. */
export function forwarded(request: IncomingMessage): string[] {
  const { headers, socket, method = 'GET' } = request;
  const before = headers['x-forwarded-for'];
  const from = socket.remoteAddress ?? 'unknown';
  const added: [string, string][] = [
    ['x-forwarded-for', before === undefined ? from : `${String(before)}, ${from}`],
    ['x-forwarded-proto', String(headers['x-forwarded-proto'] ?? 'http')],
    ['x-forwarded-host', String(headers['x-forwarded-host'] ?? headers.host ?? '')],
  ];
  const replaced = new Set(added.map(([name]) => name));
  const kept = pairs(endToEnd(request)).filter(([name]) => !replaced.has(name.toLowerCase()));
  return [...kept, ...added.filter(([, value]) => value !== ''), ...lengthOf(request, method)].flat();
}

function lengthOf({ headers }: IncomingMessage, method: string): [string, string][] {
  if (headers['transfer-encoding'] !== undefined) return [['transfer-encoding', 'chunked']];
  // Without a length Node would say that a body follows in pieces.
  const mayHaveBody = !['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'].includes(method);
  return headers['content-length'] === undefined && mayHaveBody ? [['content-length', '0']] : [];
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

export function pairs(flat: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let index = 0; index + 1 < flat.length; index += 2)
    found.push([flat[index] ?? '', flat[index + 1] ?? '']);
  return found;
}
