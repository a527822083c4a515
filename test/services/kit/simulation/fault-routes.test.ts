import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Clock } from '../../../../services/kit/clock.ts';
import { ask } from '../../ask.ts';
import type { RunningService, StartOptions } from '../../start-service.ts';
import { startUsers } from '../../start-shop.ts';

const balance = 'GET /api/users/{id}/balance';
const change = 'POST /api/users/{id}/balance';

async function start(options: StartOptions = {}): Promise<RunningService & { faults: string }> {
  const users = await startUsers({ takesFaults: true, ...options });
  onTestFinished(users.stop);
  return Object.assign(users, { faults: `${users.url}/_simulate` });
}

describe('setting faults by hand', () => {
  it('takes effect on the next request, and ends with DELETE', async () => {
    const { url, faults } = await start();
    expect((await ask('GET', `${url}/api/users/1`)).status).toBe(200);
    const set = await ask('PUT', faults, { body: { failure_rate: '100%' } });
    expect(set.body).toMatchObject({ faults: { failure_rate: '100%' }, since: expect.stringContaining('T') });
    const failed = await ask('GET', `${url}/api/users/1`);
    expect([failed.status, failed.body['type']]).toEqual([503, 'urn:shop:problem:simulated-failure']);
    expect((await ask('DELETE', faults)).body).toMatchObject({ faults: {}, since: null });
    expect((await ask('GET', `${url}/api/users/1`)).status).toBe(200);
  });

  it('takes the place of what was set before', async () => {
    const { faults } = await start();
    await ask('PUT', faults, { body: { failure_rate: '100%', latency: 'constant(5ms)' } });
    const body = { routes: { [change]: { latency: 'normal(0.5s, 80ms)', failure_rate: '12.5%' } } };
    await ask('PUT', faults, { body });
    expect((await ask('GET', faults)).body['faults']).toEqual({
      routes: { [change]: { latency: 'normal(500ms, 80ms)', failure_rate: '12.5%' } },
    });
  });

  it('lets a route have its own', async () => {
    const { url, faults } = await start();
    const body = { failure_rate: '100%', routes: { [balance]: { failure_rate: '0%' } } };
    await ask('PUT', faults, { body });
    expect((await ask('GET', `${url}/api/users/1/balance`)).status).toBe(200);
    expect((await ask('GET', `${url}/api/users/1`)).status).toBe(503);
  });

  it('tells what every endpoint is in for, and what happened there', async () => {
    const { url, faults } = await start({
      simulation: { latency: { kind: 'constant', ms: 1 }, failureRate: 0.03 },
    });
    await ask('PUT', faults, { body: { routes: { [balance]: { failure_rate: '100%' } } } });
    await ask('GET', `${url}/api/users/1/balance`);
    const { body } = await ask('GET', faults);
    const told = [
      { endpoint: balance, latency: 'constant(1ms)', failure_rate: '100%', requests: 1, failures: 1 },
      { endpoint: change, latency: 'constant(1ms)', failure_rate: '3%', requests: 0, failures: 0 },
    ];
    expect(body['endpoints']).toEqual(expect.arrayContaining(told));
  });

  it('holds back and fails business requests only', async () => {
    const sleptMs: number[] = [];
    const startedAt = Date.now();
    const clock: Clock = { now: () => startedAt, sleep: async (ms) => void sleptMs.push(ms) };
    const { url, faults } = await start({ clock });
    await ask('PUT', faults, { body: { latency: 'constant(10m)', failure_rate: '100%' } });
    for (const path of ['/', '/health', '/healthz', '/livez', '/metrics', '/_simulate']) {
      expect((await ask('GET', `${url}${path}`)).status, path).toBe(200);
    }
    expect(sleptMs).toEqual([]);
    expect((await ask('GET', `${url}/api/users/1`)).status).toBe(503);
    expect(sleptMs).toEqual([600_000]);
    const metrics = (await ask('GET', `${url}/metrics`)).text;
    expect(metrics).toContain('simulated_failures_total{method="GET",endpoint="/api/users/{id}"} 1\n');
    expect(metrics).toContain('simulated_delay_seconds_total{method="GET",endpoint="/api/users/{id}"} 600\n');
    expect(metrics).toContain('simulated_faults 1\n');
  });

  it('is written to the log', async () => {
    const users = await start();
    await ask('PUT', users.faults, { body: { failure_rate: '50%' } });
    expect(users.logged).toContainEqual(
      expect.objectContaining({ msg: 'faults set by hand', faults: { failure_rate: '50%' } }),
    );
  });
});

describe('bad faults', () => {
  it.each<[string, unknown, string, string]>([
    ['a list', [], '#', 'must be object'],
    ['a number as latency', { latency: 500 }, '#/latency', 'must be "normal(500ms, 80ms)"'],
    ['a bad latency', { latency: 'normal(500)' }, '#/latency', 'must be "normal(500ms, 80ms)"'],
    ['a latency beyond ten minutes', { latency: 'constant(11m)' }, '#/latency', 'of at most 10m'],
    ['a rate without percent', { failure_rate: '0.5' }, '#/failure_rate', 'must be a percentage'],
    ['a rate above 100 %', { failure_rate: '101%' }, '#/failure_rate', 'must be a percentage'],
    ['an unknown field', { 'fail/ure': '1%' }, '#/fail~1ure', 'is not a known field'],
    ['an unknown field "__proto__"', '{"__proto__":{"latency":"x"}}', '#/__proto__', 'is not a known field'],
    ['routes that are no object', { routes: 'all' }, '#/routes', 'must be object'],
    ['an unknown route', { routes: { 'GET /nothing': {} } }, '#/routes/GET ~1nothing', 'is not an endpoint'],
    ['a technical route', { routes: { 'GET /health': {} } }, '#/routes/GET ~1health', 'is not an endpoint'],
    [
      'a bad rate of a route',
      { routes: { [balance]: { failure_rate: 1 } } },
      '#/routes/GET ~1api~1users~1{id}~1balance/failure_rate',
      'must be a percentage',
    ],
  ])('%s is refused, and nothing changes', async (_what, body, pointer, message) => {
    const { faults } = await start();
    await ask('PUT', faults, { body: { failure_rate: '50%' } });
    const refused = await ask('PUT', faults, typeof body === 'string' ? { rawBody: body } : { body });
    expect(refused.status, refused.text).toBe(400);
    expect(refused.body['type']).toBe('urn:shop:problem:invalid-request');
    expect(refused.body['errors']).toEqual([{ pointer, message: expect.stringContaining(message) }]);
    expect((await ask('GET', faults)).body['faults']).toEqual({ failure_rate: '50%' });
  });

  it('are all told at once', async () => {
    const { faults } = await start();
    const refused = await ask('PUT', faults, { body: { latency: 1, failure_rate: 2, routes: 3 } });
    expect(refused.body['errors']).toHaveLength(3);
  });

  it.each([
    ['malformed JSON', { rawBody: '{' }, 400],
    ['another media type', { rawBody: 'x', headers: { 'content-type': 'text/plain' } }, 415],
    ['a huge body', { body: { latency: 'x'.repeat(1_100_000) } }, 413],
  ])('%s is refused', async (_what, question, status) => {
    const { faults } = await start();
    expect((await ask('PUT', faults, question)).status).toBe(status);
  });
});

describe('who may set faults', () => {
  it('nobody, unless it is asked for', async () => {
    const { url, faults } = await start({ takesFaults: false });
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answered = await ask(method, faults, method === 'PUT' ? { body: { failure_rate: '100%' } } : {});
      expect([answered.status, answered.body['type']]).toEqual([404, 'urn:shop:problem:unknown-route']);
    }
    expect((await ask('GET', `${url}/api/users/1`)).status).toBe(200);
  });

  it.each([
    ['what a proxy passes on', { 'x-forwarded-for': '203.0.113.9' }],
    ['a page in a browser', { origin: 'http://localhost:3000' }],
    ['what a proxy passes on in the standard way', { forwarded: 'for=203.0.113.9' }],
  ])('not %s', async (_what, headers) => {
    const { faults } = await start();
    const refused = await ask('PUT', faults, { body: { failure_rate: '100%' }, headers });
    expect([refused.status, refused.body['type']]).toEqual([403, 'urn:shop:problem:forbidden']);
    expect((await ask('GET', faults)).body['faults']).toEqual({});
  });

  it.each([
    ['127.0.0.1', 200],
    ['localhost', 200],
    ['[::1]', 200],
    ['shop.example', 403],
    ['127.0.0.1.shop.example', 403],
    ['203.0.113.9', 403],
  ])('whoever calls this machine %s is answered %i', async (host, status) => {
    const { faults } = await start();
    // fetch does not let its caller choose the host.
    const asking = request(faults, { headers: { host } }).end();
    const [answer]: IncomingMessage[] = await once(asking, 'response');
    answer?.resume();
    expect(answer?.statusCode).toBe(status);
  });

  const elsewhere = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address;
  it.skipIf(elsewhere === undefined)('not another machine, whatever host it claims to call', async () => {
    const users = await start();
    const server = createServer(users.app.handler).listen(0, '0.0.0.0');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    // Connecting to the address of another interface makes it the peer's address too.
    const headers = { host: 'localhost' };
    const asking = request(`http://${elsewhere}:${port}/_simulate`, { headers, agent: false }).end();
    const [answer]: IncomingMessage[] = await once(asking, 'response');
    answer?.resume();
    expect(answer?.statusCode).toBe(403);
  });

  it('is known from the methods that the path takes', async () => {
    const refused = await ask('POST', (await start()).faults, { body: {} });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, PUT, DELETE']);
  });
});
