import { shownPath } from '../shown-path.ts';
import type { Span } from './open-span.ts';
import type { SpanStart } from './span.ts';

// https://opentelemetry.io/docs/specs/semconv/http/http-spans/

/** RFC 9110 and PATCH; any other is told as `_OTHER`, so that callers cannot make up names of spans. */
const knownMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'];

function toldMethod(method: string): string {
  return knownMethods.includes(method) ? method : '_OTHER';
}

function nameOf(method: string): string {
  return knownMethods.includes(method) ? method : 'HTTP';
}

interface Request {
  method: string;
  path: string;
  /** On which it came; one with TLS is `encrypted`. */
  socket?: object;
}

/** A request that has come. Its route is known only later. */
export function requestSpan({ method, path, socket = {} }: Request): SpanStart {
  return {
    name: nameOf(method),
    kind: 'server',
    attributes: {
      'http.request.method': toldMethod(method),
      'url.path': shownPath(path),
      'url.scheme': 'encrypted' in socket ? 'https' : 'http',
    },
  };
}

interface Answered {
  method: string;
  /** The route's template; undefined where no route took the request. */
  route: string | undefined;
  status: number;
}

/** What a caller did wrong is no failure of whoever answers it. */
export function tellAnswer(span: Span, { method, route, status }: Answered): void {
  span.set({ 'http.response.status_code': status });
  if (route !== undefined) {
    span.rename(`${nameOf(method)} ${route}`);
    span.set({ 'http.route': route });
  }
  if (status >= 500) span.fail(String(status));
}

interface Question {
  /** What the other side is called here. */
  peer: string;
  method: string;
  /** Scheme, host and port, and perhaps a path before those of all questions. */
  baseUrl: string;
  /** Its query is not told. */
  path: string;
  /** How often the same was asked before. */
  resends?: number;
}

/** A request that goes out. */
export function questionSpan({ peer, method, baseUrl, path, resends = 0 }: Question): SpanStart {
  const { protocol, hostname, port, origin, pathname } = new URL(baseUrl);
  const [asked = ''] = `${pathname.replace(/\/$/, '')}${path}`.split('?');
  return {
    name: nameOf(method),
    kind: 'client',
    attributes: {
      'http.request.method': toldMethod(method),
      'server.address': hostname,
      'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
      'url.full': `${origin}${shownPath(asked)}`,
      'server.service.name': peer,
      ...(resends === 0 ? {} : { 'http.request.resend_count': resends }),
    },
  };
}

/** To whoever asked, being refused is a failure as well. */
export function tellStatus(span: Span, status: number): void {
  span.set({ 'http.response.status_code': status });
  if (status >= 400) span.fail(String(status));
}
