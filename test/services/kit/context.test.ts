import { describe, expect, it } from 'vitest';
import {
  contextFrom,
  parseTraceparent,
  propagationHeaders,
  runInContext,
} from '../../../services/kit/context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const nothing = { requestId: undefined, traceparent: undefined, tracestate: undefined };

describe('the request context', () => {
  it('continues a trace under a span of its own', () => {
    const context = contextFrom({ ...nothing, traceparent: `00-${traceId}-${spanId}-00`, tracestate: 'a=b' });
    expect(context).toMatchObject({ traceId, parentSpanId: spanId, traceFlags: '00', traceState: 'a=b' });
    expect(context.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(context.spanId).not.toBe(spanId);
  });

  it.each([
    '',
    'nonsense',
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
  ])('starts a new trace for the traceparent "%s"', (traceparent) => {
    expect(parseTraceparent(traceparent)).toBeUndefined();
    const context = contextFrom({ ...nothing, traceparent, tracestate: 'a=b' });
    expect(context.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(context).not.toHaveProperty('parentSpanId');
    expect(context).not.toHaveProperty('traceState');
  });

  it('accepts a later version with more fields', () => {
    expect(parseTraceparent(`01-${traceId}-${spanId}-01-more`)).toEqual({
      traceId,
      spanId,
      traceFlags: '01',
    });
  });

  it.each(['', 'a b', 'x'.repeat(129), 'line\nbreak', 'ü'])('replaces the request id "%s"', (requestId) => {
    expect(contextFrom({ ...nothing, requestId }).requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is passed on in the headers of what is asked within it', () => {
    const context = contextFrom({
      ...nothing,
      requestId: 'order-7',
      traceparent: `00-${traceId}-${spanId}-01`,
    });
    expect(runInContext(context, propagationHeaders)).toEqual({
      'x-request-id': 'order-7',
      traceparent: `00-${traceId}-${context.spanId}-01`,
    });
    expect(propagationHeaders()).toEqual({});
  });
});
