import type { TraceParent } from '../context.ts';

/**
 * What is told of a piece of work, by the names of OpenTelemetry's semantic conventions. Never a credential, a body, an
 * address of a person, or a value that goes with a statement.
 */
export type Attributes = Readonly<Record<string, string | number>>;

/** Who starts what: a request that came, one that goes out, an event that is told, one that is heard. */
export type SpanKind = 'server' | 'client' | 'producer' | 'consumer';

export interface SpanStart {
  /** One of few: no ids. */
  name: string;
  kind: SpanKind;
  attributes: Attributes;
}

/** Takes note of spans. Undefined wherever one is expected: nothing is noted, and nothing of it costs anything. */
export interface Tracer {
  /** Without a parent it begins a trace. */
  start(start: SpanStart, parent: TraceParent | undefined): NotedSpan;
}

/** A span of a tracer, whether it is sampled or not. */
export interface NotedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: string;
  rename(name: string): void;
  set(attributes: Attributes): void;
  /** Its work failed, for a reason of few such as `ECONNREFUSED`. The first one counts. */
  fail(reason: string): void;
  end(): void;
}
