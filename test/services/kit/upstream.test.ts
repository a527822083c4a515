import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../services/kit/clock.ts';
import { contextFrom, runInContext } from '../../../services/kit/context.ts';
import { createUpstream } from '../../../services/kit/upstream/index.ts';

/** A service that answers as `listener` does, and an upstream that waits for each attempt for so long. */
async function upstreamOf(listener: RequestListener, timeoutMs = 20_000) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const waitsMs: number[] = [];
  const clock: Clock = { now: systemClock.now, sleep: async (ms) => void waitsMs.push(ms) };
  const upstream = createUpstream({
    name: 'users',
    baseUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    clock,
    random: () => 1,
    timeoutMs,
    maxBodyBytes: 1_000,
  });
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(async () => {
    await upstream.close();
    await close();
  });
  return { upstream, waitsMs, close };
}

/** Answers with these statuses, one after the other, then 200. */
function statuses(list: number[]): RequestListener {
  return (_request, response) => void response.writeHead(list.shift() ?? 200).end('{}');
}

describe('another service', () => {
  it('is asked again, after growing waits, when a safe request fails', async () => {
    const { upstream, waitsMs } = await upstreamOf(statuses([503, 503]));
    expect(await upstream.call({ method: 'GET', path: '/' })).toEqual({ status: 200, body: {} });
    expect(waitsMs).toEqual([50, 100]);
  });

  it('is asked at most three times', async () => {
    const left = [503, 503, 503, 503];
    const { upstream } = await upstreamOf(statuses(left));
    await expect(upstream.call({ method: 'PUT', path: '/' })).rejects.toMatchObject({
      facts: { status: 503 },
    });
    expect(left).toEqual([503]);
  });

  it('is asked once for a POST, unless it carries an idempotency key', async () => {
    const left = [503, 503, 503];
    const { upstream } = await upstreamOf(statuses(left));
    await expect(upstream.call({ method: 'POST', path: '/' })).rejects.toMatchObject({
      facts: { status: 503 },
    });
    expect(left).toHaveLength(2);
    expect((await upstream.call({ method: 'POST', path: '/', idempotencyKey: 'k' })).status).toBe(200);
  });

  it('has its refusals handed back', async () => {
    const { upstream } = await upstreamOf(statuses([404]));
    expect((await upstream.call({ method: 'GET', path: '/' })).status).toBe(404);
  });

  it.each<[string, number, RequestListener]>([
    ['never answers', 504, () => undefined],
    ['stops half-way', 504, (_request, response) => void response.writeHead(200).write('{')],
    ['cuts the connection', 503, (request) => void request.socket.destroy()],
    ['answers 500', 502, (_request, response) => void response.writeHead(500).end('{}')],
    ['does not speak JSON', 502, (_request, response) => void response.end('<html>')],
    ['answers too much', 502, (_request, response) => void response.end('x'.repeat(1_001))],
  ])('that %s is a %d problem', async (_what, status, listener) => {
    const { upstream } = await upstreamOf(listener, status === 504 ? 100 : undefined);
    await expect(upstream.call({ method: 'GET', path: '/' })).rejects.toMatchObject({ facts: { status } });
  });

  it('that does not run is a 503 problem, and not available', async () => {
    const { upstream, close } = await upstreamOf(statuses([]));
    await close();
    await expect(upstream.call({ method: 'GET', path: '/' })).rejects.toMatchObject({
      facts: { status: 503 },
    });
    expect(await upstream.isAvailable()).toBe(false);
  });

  it('is not waited for any longer when whoever asked gives up', async () => {
    const given = new AbortController();
    const { upstream, waitsMs } = await upstreamOf(() => given.abort());
    await expect(upstream.call({ method: 'GET', path: '/', signal: given.signal })).rejects.toThrow(
      'aborted',
    );
    expect(waitsMs).toEqual([]);
  });

  it('is told the request id and the trace', async () => {
    const { upstream } = await upstreamOf(
      ({ headers }, response) => void response.end(JSON.stringify(headers)),
    );
    const context = contextFrom({ requestId: 'r-1', traceparent: undefined, tracestate: undefined });
    const { body } = await runInContext(context, () => upstream.call({ method: 'GET', path: '/' }));
    expect(body).toMatchObject({
      'x-request-id': 'r-1',
      traceparent: `00-${context.traceId}-${context.spanId}-01`,
    });
  });
});
