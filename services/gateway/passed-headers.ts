import type { IncomingHttpHeaders } from 'node:http';
import type { Request, Response } from 'express';
import { propagationHeaders } from '../kit/context.ts';

/** Meant for one connection, so never passed on (RFC 9110, section 7.6.1). */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * The gateway is the edge: what a client claims about who forwarded its request is not passed on. The gateway says
 * that itself, and so are host, request id and trace its own.
 */
const replaced = [
  'host',
  'expect',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-load-key',
  'x-real-ip',
  'x-request-id',
  'traceparent',
  'tracestate',
];
const keptFromService = new Set([...hopByHop, ...replaced]);
/** The gateway has its own connection to the client, and has answered with the request id already. */
const keptFromClient = new Set([...hopByHop, 'x-request-id']);

/** The headers with which a service is asked. */
export function requestHeaders(request: Request): Record<string, string | string[]> {
  return {
    ...passed(request.headers, keptFromService),
    ...propagationHeaders(),
    'x-forwarded-for': request.socket.remoteAddress ?? 'unknown',
    'x-forwarded-proto': request.protocol,
    ...(request.headers.host === undefined ? {} : { 'x-forwarded-host': request.headers.host }),
  };
}

/** Puts the headers of a service's answer on the gateway's answer. */
export function passAnswerHeaders(response: Response, headers: IncomingHttpHeaders): void {
  for (const [name, value] of Object.entries(passed(headers, keptFromClient))) {
    // The gateway itself may vary by origin already.
    if (name === 'vary') response.vary(String(value));
    else response.setHeader(name, value);
  }
}

function passed(headers: IncomingHttpHeaders, kept: ReadonlySet<string>): Record<string, string | string[]> {
  const named = namedByConnection(headers.connection);
  const result: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !kept.has(name) && !named.includes(name)) result[name] = value;
  }
  return result;
}

/** What a `Connection` header names belongs to that connection too. */
function namedByConnection(connection: string | undefined): string[] {
  return connection === undefined ? [] : connection.toLowerCase().split(/\s*,\s*/);
}
