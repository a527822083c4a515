import { describe, expect, it } from 'vitest';
import { contextFrom, currentContext, runInContext } from '../../../../services/kit/context.ts';
import { continueSpan, inSpan, openSpan } from '../../../../services/kit/tracing/index.ts';
import type { SpanStart } from '../../../../services/kit/tracing/span.ts';
import { notingTracer } from './noting-tracer.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const describeWork = (): SpanStart => ({ name: 'work', kind: 'client', attributes: {} });
const incoming = () =>
  contextFrom({ requestId: 'r-1', traceparent: `00-${traceId}-${spanId}-00`, tracestate: 'a=b' });
const never = () => {
  throw new Error('nobody is to describe a span that nobody notes');
};

describe('without a tracer', () => {
  it('work runs in the context that there is, and nothing is described', async () => {
    const context = incoming();
    expect(runInContext(context, () => openSpan(undefined, never).run(currentContext))).toBe(context);
    expect(openSpan(undefined, never).run(currentContext)).toBeUndefined();
    expect(continueSpan(undefined, context, never).run(currentContext)).toBe(context);
    await expect(inSpan(undefined, never, async () => 42)).resolves.toBe(42);
  });
});

describe('with a tracer', () => {
  it('what comes from elsewhere goes on below its span there', () => {
    const { tracer, spans } = notingTracer();
    const inside = continueSpan(tracer, incoming(), describeWork).run(currentContext);
    expect(spans[0]?.parent).toMatchObject({
      traceId,
      spanId,
      traceFlags: '00',
      traceState: 'a=b',
      isRemote: true,
    });
    expect(inside).toMatchObject({ requestId: 'r-1', traceId, spanId: spans[0]?.spanId, traceFlags: '00' });
  });

  it('what comes from nowhere begins a trace', () => {
    const { tracer, spans } = notingTracer();
    const context = contextFrom({ requestId: undefined, traceparent: undefined, tracestate: undefined });
    const inside = continueSpan(tracer, context, describeWork).run(currentContext);
    expect(spans[0]?.parent).toBeUndefined();
    expect(inside).toMatchObject({ traceId: spans[0]?.traceId, requestId: context.requestId });
  });

  it('a span within another one is below it', () => {
    const { tracer, spans } = notingTracer();
    const inside = continueSpan(tracer, incoming(), describeWork).run(() =>
      openSpan(tracer, describeWork).run(currentContext),
    );
    const [outer, inner] = spans;
    expect(inner?.parent).toMatchObject({ traceId, spanId: outer?.spanId, isRemote: false });
    expect(inside).toMatchObject({
      requestId: 'r-1',
      traceId,
      spanId: inner?.spanId,
      parentSpanId: outer?.spanId,
      traceState: 'a=b',
    });
  });

  it('work that nobody asked for begins a trace, and has a request id', () => {
    const { tracer, spans } = notingTracer();
    const inside = openSpan(tracer, describeWork).run(currentContext);
    expect(spans[0]?.parent).toBeUndefined();
    expect(inside).toMatchObject({ traceId: spans[0]?.traceId, requestId: expect.stringMatching(/./) });
  });

  it('work that throws has failed, and its span is over all the same', async () => {
    const { tracer, spans } = notingTracer();
    const error = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    const work = inSpan(tracer, describeWork, async (span) => {
      span.set({ a: 1 });
      throw error;
    });
    await expect(work).rejects.toBe(error);
    expect(spans).toMatchObject([{ failure: 'ECONNREFUSED', isOver: true, attributes: { a: 1 } }]);
  });
});
