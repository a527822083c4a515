import type { WireRequest } from './wire-request.ts';

/** Headers that follow from the message itself. */
const OWN_HEADERS = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** The bytes of a request in HTTP/1.1 (RFC 9112) on a connection that is kept open. */
export function encodeRequest({ method, path, host, headers, body = '' }: WireRequest): Buffer {
  const length = Buffer.byteLength(body);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: ${headers['host'] ?? host}`,
    'connection: keep-alive',
    ...(length > 0 || WITH_BODY.has(method) ? [`content-length: ${length}`] : []),
    ...Object.entries(headers).flatMap(([name, value]) =>
      OWN_HEADERS.has(name) ? [] : [`${name}: ${value}`],
    ),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
