import type { RequestListener } from 'node:http';
import { expect, it, vi } from 'vitest';
import type { GatewaySettings } from '../../../services/gateway/settings.ts';
import { ask } from '../ask.ts';
import { notingTracer } from '../kit/tracing/noting-tracer.ts';
import { startFake, startGateway } from './start-gateway.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

async function tracedGateway(listener: RequestListener, changes: Partial<GatewaySettings> = {}) {
  const products = await startFake(listener);
  const { tracer, spans } = notingTracer();
  const gateway = await startGateway({ services: { products: products.url }, ...changes }, { tracer });
  const over = (count: number) =>
    vi.waitFor(() => {
      expect(spans).toHaveLength(count);
      expect(spans.every(({ isOver }) => isOver)).toBe(true);
    });
  return { gateway, products, spans, over };
}

it('a request is a span, and what is sent on one below it, whose id goes with it', async () => {
  const told: unknown[] = [];
  const { gateway, spans, over } = await tracedGateway((request, response) => {
    told.push(request.headers['traceparent'], request.headers['tracestate']);
    response.end('{}');
  });
  const headers = {
    traceparent: `00-${traceId}-00f067aa0ba902b7-00`,
    tracestate: 'a=b',
    authorization: 'Bearer a-secret',
    cookie: 'session=a-secret',
    'user-agent': 'alice@example.com',
  };
  const url = `${gateway.url}/products/alice@example.com?access_token=a-secret`;
  expect((await ask('GET', url, { headers })).status).toBe(200);
  await over(2);
  const [request, sentOn] = spans;
  expect(request).toMatchObject({
    name: 'GET /products/**',
    kind: 'server',
    parent: { traceId, spanId: '00f067aa0ba902b7', isRemote: true },
    failure: undefined,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/products/**',
      'http.response.status_code': 200,
      'url.path': '/products/[redacted]',
    },
  });
  expect(sentOn).toMatchObject({
    name: 'GET',
    kind: 'client',
    parent: { traceId, spanId: request?.spanId, isRemote: false },
    failure: undefined,
    attributes: { 'http.response.status_code': 200, 'server.service.name': 'products' },
  });
  // Whoever asked does not want the trace to be kept.
  expect(told).toEqual([`00-${traceId}-${sentOn?.spanId}-00`, 'a=b']);
  expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toMatch(/secret|alice/);
  const line = gateway.logged.find(({ msg }) => msg === 'request answered');
  expect(line).toMatchObject({ trace_id: traceId, span_id: request?.spanId });
});

it('an answer of 500 has failed on both', async () => {
  const { gateway, spans, over } = await tracedGateway((_request, response) => {
    response.writeHead(500).end('{}');
  });
  await ask('GET', `${gateway.url}/products`);
  await over(2);
  expect(spans).toMatchObject([
    { kind: 'server', failure: '500' },
    { kind: 'client', failure: '500' },
  ]);
});

it('what a caller does wrong has not failed here, and has no route', async () => {
  const { gateway, spans, over } = await tracedGateway((_request, response) => void response.end('{}'));
  await ask('GET', `${gateway.url}/nothing/here`);
  await over(1);
  expect(spans).toMatchObject([{ name: 'GET', failure: undefined }]);
  expect(spans[0]?.attributes).not.toHaveProperty(['http.route']);
});

it('a service that is not there has failed', async () => {
  const { gateway, products, spans, over } = await tracedGateway(() => undefined);
  await products.stop();
  expect((await ask('GET', `${gateway.url}/products`)).status).toBe(503);
  await over(2);
  expect(spans).toMatchObject([
    { kind: 'server', failure: '503' },
    { kind: 'client', failure: 'ECONNREFUSED' },
  ]);
});

it('a client that leaves ends both', async () => {
  const leaving = new AbortController();
  const { gateway, spans, over } = await tracedGateway(() => leaving.abort());
  await expect(fetch(`${gateway.url}/products`, { signal: leaving.signal })).rejects.toThrow();
  await over(2);
  expect(spans).toMatchObject([
    { kind: 'server', failure: undefined, attributes: { 'http.response.status_code': 499 } },
    { kind: 'client', failure: 'client-gone' },
  ]);
});
