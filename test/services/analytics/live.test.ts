import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { connect as connectTo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLive } from '../../../services/analytics/live.ts';
import { type Clock, systemClock } from '../../../services/kit/clock.ts';
import { createLogger } from '../../../services/kit/log.ts';
import { ask } from '../ask.ts';
import { startIssuer } from '../issue-token.ts';
import { judgeOf } from '../judge.ts';
import { envelopeText, openBroker, patience } from '../kit/bus/broker.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import type { StartOptions } from '../start-service.ts';
import { orderData } from './event-histories.ts';
import { startAnalytics } from './start-analytics.ts';
import { refusalOf, watch } from './watcher.ts';

const judge = judgeOf('analytics');

async function start(options: StartOptions = {}) {
  const analytics = await startAnalytics(options);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= analytics.stop();
    return stopped;
  };
  onTestFinished(stop);
  return { ...analytics, logText: analytics.logText, live: `${analytics.url}/live`, stop };
}

/** The system's, but heartbeats come when the test says so. */
function clockWithPulse(heartbeatMs: number): { clock: Clock; beat: () => Promise<void> } {
  let release: (() => void) | undefined;
  const sleep = (ms: number, signal?: AbortSignal) => {
    if (ms !== heartbeatMs) return systemClock.sleep(ms, signal);
    return new Promise<void>((resolve, reject) => {
      release = resolve;
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  };
  const beat = () =>
    vi.waitFor(() => {
      if (release === undefined) throw new Error('the heart is not resting yet');
      release();
      release = undefined;
    }, patience);
  return { clock: { ...systemClock, sleep }, beat };
}

describeWithBroker('what is heard', () => {
  it('is pushed to everybody who watches: the numbers at once, and again when they change', async () => {
    const broker = await openBroker();
    const analytics = await start({ bus: broker.settings });
    const [one, other] = [await watch(analytics.live), await watch(analytics.live)];
    const first = await one.until(() => true);
    expect(first).toMatchObject({ orders: { total: 0 } });
    await vi.waitFor(async () => {
      expect((await ask('GET', `${analytics.url}/metrics`)).text).toMatch(/^broker_connected 1$/m);
    }, patience);
    const { name } = broker.topology.queue('analytics.all.events');
    for (const id of ['o1', 'o2', 'o3'])
      await broker.send(name, envelopeText('order.created', id, { ...orderData(id), order_id: id }));
    const isAll = ({ orders }: Record<string, unknown>) => JSON.stringify(orders).startsWith('{"total":3');
    const last = await one.until(isAll);
    await other.until(isAll);
    const headers = new Headers({ 'content-type': 'application/json' });
    judge('GET /metrics/orders', { status: 200, headers, body: last, text: JSON.stringify(last) });
    // Three events make at most three pushes, and what has not changed is not pushed again.
    expect(one.messages.length).toBeLessThanOrEqual(4);
    expect(new Set(one.messages.map(({ at: _, ...rest }) => JSON.stringify(rest))).size).toBe(
      one.messages.length,
    );
  });
});

describe('a live connection', () => {
  it('is closed with 1001 when the service stops, which waits for it', async () => {
    const analytics = await start();
    const watcher = await watch(analytics.live);
    await watcher.until(() => true);
    await analytics.stop();
    expect(await watcher.closed).toEqual({ code: 1001, reason: 'the service is stopping' });
  });

  it('that does not answer the farewell is cut off, and the service stops', async () => {
    const analytics = await start();
    const { port } = new URL(analytics.url);
    const deaf = connectTo(Number(port), '127.0.0.1');
    onTestFinished(() => void deaf.destroy());
    deaf.on('error', () => undefined);
    deaf.write(
      ['GET /live HTTP/1.1', 'Host: here', 'Connection: Upgrade', 'Upgrade: websocket'].join('\r\n') +
        '\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const [answer] = await once(deaf, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 101 /);
    const closed = once(deaf, 'close');
    await analytics.stop();
    await closed;
  });

  it('is pinged, and cut off when it does not answer until the next ping', async () => {
    const { clock, beat } = clockWithPulse(30_000);
    const analytics = await start({ clock });
    const [alive, dead] = [await watch(analytics.live), await watch(analytics.live, { autoPong: false })];
    const pinged = Promise.all([once(alive.socket, 'ping'), once(dead.socket, 'ping')]);
    await beat();
    await pinged;
    // Its pong was sent before this, so it has arrived when this is answered.
    await ask('GET', `${analytics.url}/livez`);
    const again = once(alive.socket, 'ping');
    await beat();
    await again;
    expect((await dead.closed).code).toBe(1006);
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
  });

  it('that talks too much is closed', async () => {
    const watcher = await watch((await start()).live);
    watcher.socket.send('x'.repeat(1_025));
    expect((await watcher.closed).code).toBe(1009);
  });

  it('is refused when there are enough, and there is room again when one has left', async () => {
    const analytics = await start({ settings: { LIVE_CLIENTS: '1' } });
    const first = await watch(analytics.live);
    const refused = await refusalOf(analytics.live);
    expect(refused).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1', 'content-type': 'application/problem+json; charset=utf-8' },
      body: { type: 'urn:shop:problem:live-full', instance: '/live' },
    });
    first.socket.close();
    await first.closed;
    await vi.waitFor(() => expect(analytics.logText()).toContain('live connection closed'), patience);
    await (await watch(analytics.live)).until(() => true);
    expect((await ask('GET', `${analytics.url}/metrics`)).text).toContain(
      'http_requests_total{method="GET",endpoint="/live",status="101"} 2',
    );
  });

  it('that reads too slowly is dropped with a reason, and the others are served', async () => {
    let count = 0;
    // Large enough to fill what the system keeps for a connection.
    const padding = 'x'.repeat(500_000);
    const lines: string[] = [];
    const log = createLogger('live', 'warn', { write: (line) => lines.push(line) });
    const limits = { clients: 10, bufferedBytes: 1_000_000, heartbeatMs: 600_000 };
    // The farewell has the time that it needs to be read.
    const untilAborted = (signal?: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
    const clock: Clock = {
      ...systemClock,
      sleep: (ms, signal) => (ms >= 1_000 ? untilAborted(signal) : systemClock.sleep(1, signal)),
    };
    const look = async () => {
      count += 1;
      return { count, padding };
    };
    const live = createLive({ look, limits, clock, random: () => 0.5, log });
    const server = createServer().listen(0, '127.0.0.1');
    server.on('upgrade', (asked, socket, head) =>
      live.route.accept({ request: asked, socket, head, check: async () => undefined }),
    );
    await once(server, 'listening');
    onTestFinished(async () => {
      await live.stop();
      server.close();
    });
    const address = server.address();
    const url = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/live`;
    const [slow, quick] = [await watch(url), await watch(url)];
    await slow.until(() => true);
    slow.socket.pause();
    await vi.waitFor(() => {
      live.changed();
      expect(lines.join('')).toContain('reads too slowly');
    }, patience);
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 1013, reason: 'too slow: too much waits to be read' });
    const seen = count;
    live.changed();
    await quick.until((message) => Number(message['count']) > seen);
  });
});

describe('where tokens are in use', () => {
  it('a token is asked for, in the header or the query, and is never logged', async () => {
    const issuer = await startIssuer();
    onTestFinished(issuer.stop);
    const analytics = await start({ auth: issuer.auth });
    const support = await issuer.asUser('5', 'support');
    const token = support.authorization.replace('Bearer ', '');
    await (await watch(analytics.live, { headers: support })).until(() => true);
    await (await watch(`${analytics.live}?access_token=${token}`)).until(() => true);
    expect(await refusalOf(analytics.live)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: { type: 'urn:shop:problem:unauthenticated' },
    });
    expect((await refusalOf(`${analytics.live}?access_token=${token}x`)).status).toBe(401);
    expect((await refusalOf(analytics.live, await issuer.asUser('1'))).status).toBe(403);
    expect(analytics.logText()).not.toContain(token.slice(0, 40));
  });

  it('a connection ends when its token has been revoked', async () => {
    const issuer = await startIssuer();
    onTestFinished(issuer.stop);
    const { clock, beat } = clockWithPulse(30_000);
    const analytics = await start({ auth: issuer.auth, clock });
    const support = await issuer.asUser('5', 'support');
    const watcher = await watch(analytics.live, { headers: support });
    issuer.revoke(support.authorization.replace('Bearer ', ''));
    await beat();
    expect(await watcher.closed).toEqual({ code: 1008, reason: 'the access token does not count any more' });
  });
});

it('where no tokens are in use a page of another origin is refused, and the service’s own is not', async () => {
  const analytics = await start();
  expect((await refusalOf(analytics.live, { origin: 'https://evil.example' })).status).toBe(403);
  await (await watch(analytics.live, { headers: { origin: analytics.url } })).until(() => true);
});

it('only /live can be opened, and a plain request is told to ask for a WebSocket', async () => {
  const analytics = await start();
  expect(await refusalOf(`${analytics.url}/history`)).toMatchObject({
    status: 404,
    body: { type: 'urn:shop:problem:unknown-route' },
  });
  const plain = await ask('GET', analytics.live);
  judge('GET /live', plain);
  expect(plain.status).toBe(426);
  expect(plain.headers.get('upgrade')).toBe('websocket');
});

it.each([
  [{ upgrade: 'websocket', 'sec-websocket-version': '13' }, 400, 'invalid-request'],
  [{ upgrade: 'websocket', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }, 400, 'invalid-request'],
  [{ upgrade: 'h2c' }, 404, 'unknown-route'],
])('an upgrade with %j is refused with a problem document', async (headers, status, kind) => {
  const analytics = await start();
  const asked = request(analytics.live, { headers: { connection: 'upgrade', ...headers } }).end();
  const [response] = await once(asked, 'response');
  expect(response.statusCode).toBe(status);
  expect(JSON.parse(await text(response))).toMatchObject({ type: `urn:shop:problem:${kind}`, status });
});
