import { contextFrom, currentContext, type RequestContext, runInContext } from '../context.ts';
import { reasonCode } from './reason-code.ts';
import type { NotedSpan, SpanStart, Tracer } from './span.ts';

/** A piece of work under way, noted or not. */
export interface Span extends Pick<NotedSpan, 'rename' | 'set' | 'fail' | 'end'> {
  /** Runs what belongs to it: log lines carry its ids, and what is asked of others is told them. */
  run<T>(work: () => T): T;
}

const ignored = () => undefined;
const unnoted = { rename: ignored, set: ignored, fail: ignored, end: ignored };
const plain: Span = { ...unnoted, run: (work) => work() };

/** A span below the one that is active; where none is, it begins a trace. */
export function openSpan(tracer: Tracer | undefined, describe: () => SpanStart): Span {
  if (tracer === undefined) return plain;
  const active = currentContext();
  const noted = tracer.start(describe(), active && { ...active, isRemote: false });
  const base = active ?? contextFrom({ requestId: undefined, traceparent: undefined, tracestate: undefined });
  return spanOf(noted, { ...base, ...(active && { parentSpanId: active.spanId }) });
}

/** A span that goes on with what came from elsewhere; `incoming` is what `contextFrom` has made of it. */
export function continueSpan(
  tracer: Tracer | undefined,
  incoming: RequestContext,
  describe: () => SpanStart,
): Span {
  if (tracer === undefined) return { ...unnoted, run: (work) => runInContext(incoming, work) };
  const { parentSpanId: spanId } = incoming;
  const parent = spanId === undefined ? undefined : { ...incoming, spanId, isRemote: true };
  return spanOf(tracer.start(describe(), parent), incoming);
}

function spanOf(noted: NotedSpan, base: RequestContext): Span {
  const { traceId, spanId, traceFlags } = noted;
  const context = { ...base, traceId, spanId, traceFlags };
  return {
    run: (work) => runInContext(context, work),
    rename: (name) => noted.rename(name),
    set: (attributes) => noted.set(attributes),
    fail: (reason) => noted.fail(reason),
    end: () => noted.end(),
  };
}

/** Does the work in a span of its own, which has failed when the work throws. */
export async function inSpan<T>(
  tracer: Tracer | undefined,
  describe: () => SpanStart,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = openSpan(tracer, describe);
  try {
    // Awaited within: a statement of knex is not sent before somebody waits for it.
    return await span.run(async () => await work(span));
  } catch (error) {
    span.fail(reasonCode(error));
    throw error;
  } finally {
    span.end();
  }
}
