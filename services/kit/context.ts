import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes, randomUUID } from 'node:crypto';

/** Who asked, followed through every await of one request. Trace fields as in W3C Trace Context. */
export interface RequestContext {
  requestId: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceFlags: string;
  traceState?: string;
}

/** The span that another one is below. */
export interface TraceParent {
  traceId: string;
  spanId: string;
  /** Two hexadecimal digits; the lowest bit says that the trace is sampled. */
  traceFlags: string;
  traceState?: string;
  /** Whether it is in another process. */
  isRemote: boolean;
}

interface IncomingHeaders {
  requestId: string | undefined;
  traceparent: string | undefined;
  tracestate: string | undefined;
}

const storage = new AsyncLocalStorage<RequestContext | undefined>();

export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}

export function runInContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** For work that many requests share. */
export function runOutsideContext<T>(work: () => T): T {
  return storage.run(undefined, work);
}

/** Continues the caller's trace and request id where they are well-formed and bounded; starts new ones otherwise. */
export function contextFrom(headers: IncomingHeaders): RequestContext {
  const parent = parseTraceparent(headers.traceparent ?? '');
  const requestId = /^[A-Za-z0-9._:/+=@-]{1,128}$/.test(headers.requestId ?? '')
    ? headers.requestId
    : undefined;
  const traceState =
    parent !== undefined && (headers.tracestate ?? '').length <= 512 ? headers.tracestate : undefined;
  return {
    requestId: requestId ?? randomUUID(),
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    traceFlags: parent?.traceFlags ?? '01',
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
    ...(traceState === undefined ? {} : { traceState }),
  };
}

/** Reads a `traceparent` (W3C Trace Context, section 3.2): later versions may carry more fields, all-zero ids are void. */
export function parseTraceparent(
  text: string,
): { traceId: string; spanId: string; traceFlags: string } | undefined {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.{0,200})?$/.exec(text);
  if (match === null) return undefined;
  const [, version, traceId = '', spanId = '', traceFlags = '', more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags };
}

/** The headers that carry the present request on to another service. */
export function propagationHeaders(): Record<string, string> {
  const context = currentContext();
  if (context === undefined) return {};
  return {
    'x-request-id': context.requestId,
    traceparent: `00-${context.traceId}-${context.spanId}-${context.traceFlags}`,
    ...(context.traceState === undefined ? {} : { tracestate: context.traceState }),
  };
}
