import { randomBytes } from 'node:crypto';
import type { TraceParent } from '../../../../services/kit/context.ts';
import type { Attributes, SpanKind, Tracer } from '../../../../services/kit/tracing/span.ts';

export interface Noted {
  name: string;
  kind: SpanKind;
  attributes: Attributes;
  traceId: string;
  spanId: string;
  parent: TraceParent | undefined;
  failure: string | undefined;
  isOver: boolean;
}

/** Keeps every span, in the order in which they were started. */
export function notingTracer(): { tracer: Tracer; spans: Noted[] } {
  const spans: Noted[] = [];
  const tracer: Tracer = {
    start: (start, parent) => {
      const span: Noted = {
        ...start,
        traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
        spanId: randomBytes(8).toString('hex'),
        parent,
        failure: undefined,
        isOver: false,
      };
      spans.push(span);
      return {
        traceId: span.traceId,
        spanId: span.spanId,
        traceFlags: parent?.traceFlags ?? '01',
        rename: (name) => {
          span.name = name;
        },
        set: (attributes) => {
          span.attributes = { ...span.attributes, ...attributes };
        },
        fail: (reason) => {
          span.failure ??= reason;
        },
        end: () => {
          span.isOver = true;
        },
      };
    },
  };
  return { tracer, spans };
}
