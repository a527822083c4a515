import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { contextFrom, currentContext } from '../context.ts';
import { forbidden, type Guard, type Identity } from '../identity/index.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { invalidRequest, Problem, problemBody, unavailable } from '../problem.ts';
import { continueSpan, requestSpan, type Span, type Tracer, tellAnswer } from '../tracing/index.ts';
import { toProblem } from './send-problem.ts';

/** The one path of a service at which a connection becomes something else than HTTP, such as a WebSocket. */
export interface UpgradeRoute {
  path: string;
  /** Throws a problem for whoever may not, or when there is no room. */
  admit(identity: Identity): void;
  /** Takes the connection over, at once after `admit`. */
  accept(upgrade: Upgrade): void;
  /** Ends what was taken over: the service has stopped when all these connections are closed. */
  beginStop(): void;
}

/** A request to take a connection over, from somebody who may. */
export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  /** Whether whoever asked still may: throws the problem that a new request would be refused with. */
  check(signal: AbortSignal): Promise<void>;
}

/** A listener of a server's `upgrade`. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

interface UpgradeParts {
  route: UpgradeRoute;
  guard: Guard;
  log: Logger;
  metrics: Metrics;
  tracer: Tracer | undefined;
  isStopping: () => boolean;
}

/**
 * The way from a request to `accept`: who asks is known by the `Authorization` header, or by the query parameter
 * `access_token` (RFC 6750, section 2.3), because a page in a browser cannot set headers here. It is never logged.
 */
export function createUpgrade(parts: UpgradeParts): UpgradeHandler {
  return (request, socket, head) => {
    // Until it is taken over nobody else listens, and a client may go at any moment.
    socket.on('error', () => socket.destroy());
    const context = contextFrom({
      requestId: single(request.headers['x-request-id']),
      traceparent: single(request.headers['traceparent']),
      tracestate: single(request.headers['tracestate']),
    });
    const { method = '', url = '/' } = request;
    const path = url.split('?')[0] ?? '/';
    const span = continueSpan(parts.tracer, context, () => requestSpan({ method, path, socket }));
    span.run(() => void answer(parts, { request, socket, head }, span));
  };
}

type Asked = Pick<Upgrade, 'request' | 'socket' | 'head'>;

/** Never rejects. */
async function answer(parts: UpgradeParts, asked: Asked, span: Span): Promise<void> {
  const startedMs = performance.now();
  const { route, log, metrics } = parts;
  const url = readTarget(asked.request);
  const isHere = url?.pathname === route.path;
  const endpoint = isHere ? route.path : 'unmatched';
  const method = asked.request.method ?? '';
  const status = await open(parts, asked, isHere ? url : undefined).then(
    () => 101,
    (error: unknown) => {
      const problem = toProblem(error);
      if (problem.facts.status === 500) log.error({ err: problem.cause }, 'unforeseen error');
      refuse(asked.socket, problem, isHere ? route.path : '/');
      return problem.facts.status;
    },
  );
  const durationMs = performance.now() - startedMs;
  metrics.countRequest({ method, endpoint, status, seconds: durationMs / 1_000 });
  log.info({ endpoint, status, ms: Math.round(durationMs) }, 'upgrade answered');
  // What becomes of the connection from then on is no request any more.
  tellAnswer(span, { method, route: isHere ? route.path : undefined, status });
  span.end();
}

async function open(parts: UpgradeParts, asked: Asked, url: URL | undefined): Promise<void> {
  const { route, guard, isStopping } = parts;
  const { request, socket } = asked;
  const isWebSocket = request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
  if (url === undefined || !isWebSocket) throw nothingElse(route);
  const token = url.searchParams.get('access_token');
  const authorization = request.headers.authorization ?? (token === null ? undefined : `Bearer ${token}`);
  const look = async (signal: AbortSignal) => {
    const identity = await guard.identify({ authorization, access: 'user', signal });
    if (identity.kind === 'anonymous') requireOwnOrigin(request);
    return identity;
  };
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const identity = await look(gone.signal);
  requireHandshake(request);
  if (isStopping()) throw unavailable('stopping', 'The service is stopping.');
  route.admit(identity);
  route.accept({ ...asked, check: async (signal) => void (await look(signal)) });
}

function nothingElse({ path }: UpgradeRoute): Problem {
  return new Problem({
    status: 404,
    kind: 'unknown-route',
    title: 'There is nothing here',
    detail: `Only ${path} can be opened as a WebSocket.`,
  });
}

/** RFC 6455, section 4.2.1. Whoever takes the connection over would refuse the rest with no problem document. */
function requireHandshake({ headers }: IncomingMessage): void {
  const complain = (name: string, message: string) =>
    invalidRequest([{ pointer: `header/${name}`, message }]);
  if (headers['sec-websocket-version'] !== '13') throw complain('sec-websocket-version', 'must be 13');
  if (!/^[A-Za-z0-9+/]{22}==$/.test(headers['sec-websocket-key'] ?? ''))
    throw complain('sec-websocket-key', 'must be 16 bytes in base64');
}

/** Browsers let every page open a WebSocket to anywhere; without tokens its origin is all that tells it apart. */
function requireOwnOrigin({ headers }: IncomingMessage): void {
  const { origin, host } = headers;
  if (origin === undefined) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw forbidden('A page of another origin may not open this where no tokens are in use.');
}

function readTarget({ url }: IncomingMessage): URL | undefined {
  const base = 'http://here';
  return url?.startsWith('/') && URL.canParse(url, base) ? new URL(url, base) : undefined;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** The same problem document as everywhere, on a connection that no HTTP server looks after any more. */
function refuse(socket: Duplex, { facts }: Problem, instance: string): void {
  const requestId = currentContext()?.requestId;
  const body = JSON.stringify(problemBody(facts, instance, requestId));
  const headers = {
    connection: 'close',
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
    ...facts.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.once('finish', () => socket.destroy());
  socket.end(
    [`HTTP/1.1 ${facts.status} ${STATUS_CODES[facts.status] ?? ''}`, ...lines, '', body].join('\r\n'),
  );
}
