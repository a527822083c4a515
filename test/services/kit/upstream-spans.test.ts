import type { RequestListener } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../services/kit/clock.ts';
import { contextFrom, runInContext } from '../../../services/kit/context.ts';
import { createUpstream } from '../../../services/kit/upstream/index.ts';
import { startFake } from '../gateway/start-gateway.ts';
import { notingTracer } from './tracing/noting-tracer.ts';

async function upstreamOf(listener: RequestListener) {
  const { url, stop } = await startFake(listener);
  const { tracer, spans } = notingTracer();
  const upstream = createUpstream({
    name: 'users',
    baseUrl: url,
    clock: { ...systemClock, sleep: async () => undefined },
    random: () => 1,
    tracer,
    timeoutMs: 20_000,
  });
  onTestFinished(upstream.close);
  return { upstream, spans, stop };
}

it('each attempt is a span, whose id the other side is told', async () => {
  const told: unknown[] = [];
  const statuses = [503, 200];
  const { upstream, spans } = await upstreamOf((request, response) => {
    told.push(request.headers['traceparent']);
    response.writeHead(statuses.shift() ?? 500).end('{}');
  });
  const cause = contextFrom({
    requestId: 'r-1',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00',
    tracestate: undefined,
  });
  await runInContext(cause, () => upstream.call({ method: 'GET', path: '/u/1?email=alice@example.com' }));
  const asked = { kind: 'client', name: 'GET', parent: { spanId: cause.spanId }, isOver: true };
  expect(spans).toMatchObject([
    { ...asked, failure: '503' },
    { ...asked, failure: undefined },
  ]);
  expect(told).toEqual(spans.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-00`));
  expect(spans[0]?.attributes).toMatchObject({
    'http.response.status_code': 503,
    'server.service.name': 'users',
    'url.full': expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/u\/1$/),
  });
  expect(spans[1]?.attributes).toMatchObject({
    'http.response.status_code': 200,
    'http.request.resend_count': 1,
  });
});

it('what nobody has asked for begins a trace of its own', async () => {
  const told: unknown[] = [];
  const { upstream, spans } = await upstreamOf((request, response) => {
    told.push(request.headers['traceparent']);
    response.writeHead(404).end('{}');
  });
  await upstream.call({ method: 'PUT', path: '/x' });
  expect(spans).toMatchObject([{ parent: undefined, failure: '404' }]);
  expect(told).toEqual([`00-${spans[0]?.traceId}-${spans[0]?.spanId}-01`]);
});

it('an answer that never comes is a span that has failed', async () => {
  const { upstream, spans, stop } = await upstreamOf(() => undefined);
  await stop();
  expect(await upstream.isAvailable()).toBe(false);
  expect(spans).toMatchObject([{ isOver: true, failure: 'upstream-unavailable' }]);
  expect(spans[0]?.attributes).not.toHaveProperty(['http.response.status_code']);
});
