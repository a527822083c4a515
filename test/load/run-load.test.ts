import { afterEach, describe, expect, test } from 'vitest';
import { prepareLoad, runLoad } from '../../src/load/index.ts';
import { freePort } from '../free-ports.ts';
import { drive, generatorFile, profile, project, request, service } from './builders.ts';
import { type RawServer, startRawServer, startServer, type TestServer } from './server.ts';

const opened: (TestServer | RawServer)[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});

async function serve(...args: Parameters<typeof startServer>): Promise<TestServer> {
  const server = await startServer(...args);
  opened.push(server);
  return server;
}

async function serveRaw(...args: Parameters<typeof startRawServer>): Promise<RawServer> {
  const server = await startRawServer(...args);
  opened.push(server);
  return server;
}

describe('counts', () => {
  test('agree with what the server saw, to the request, however many it is', async () => {
    const server = await serve(undefined, 0);
    const { total, verdict } = await drive(server.port);
    expect(total.completed).toBeGreaterThan(0);
    expect(total.completed).toBe(server.served.length);
    expect(total).toMatchObject({ started: total.completed, expected: total.completed, errorRatio: 0 });
    expect(total.latency.samples).toBe(total.completed);
    expect(verdict).toBe('passed');
  });

  test('are shared out over processes and merged', async () => {
    const server = await serve();
    const result = await drive(server.port, { processes: 2, connections: 3 });
    expect(result.total.completed).toBe(server.served.length);
    expect(result.processes).toBe(2);
    expect(result.generator.processes).toHaveLength(2);
    expect(server.sockets()).toBe(3 + 1);
  });

  test('leave the warm-up out', async () => {
    const server = await serve();
    const { total } = await drive(server.port, { warmupMs: 1_000 });
    expect(total.completed).toBeGreaterThan(0);
    expect(total.completed).toBeLessThan(server.served.length);
  });

  test('add up over the seconds of the series, which is told while it grows', async () => {
    const server = await serve((_, response) => setTimeout(() => response.end(), 5));
    const told: number[] = [];
    const result = await drive(
      server.port,
      { durationMs: 1_900 },
      { onSecond: ({ second }) => told.push(second) },
    );
    expect(result.series.map(({ second }) => second)).toEqual([0, 1]);
    expect(told).toEqual([0, 1]);
    expect(result.series.reduce((sum, { completed }) => sum + completed, 0)).toBe(result.total.completed);
  });

  test('follow the weights, across services of different speed', async () => {
    const users = await serve();
    const orders = await serve((_, response) => setTimeout(() => response.end(), 10));
    const one = profile({
      durationMs: 2_500,
      connections: 8,
      requests: [
        request({ name: 'users', weight: 3 }),
        request({ name: 'orders', weight: 1, url: '${orders}/api/orders' }),
      ],
    });
    const services = [service('users', users.port), service('orders', orders.port)];
    const prepared = await prepareLoad({
      project: project(services, [one]),
      profile: one,
      env: {},
      cwd: '/nowhere',
    });
    const result = await runLoad(prepared, {
      seed: 7,
      signal: new AbortController().signal,
      onSecond: () => undefined,
      generatorFile,
    });
    expect(result.requests.map(({ completed }) => completed)).toEqual([
      users.served.length,
      orders.served.length,
    ]);
    const share = users.served.length / result.total.completed;
    expect(result.total.completed).toBeGreaterThan(100);
    expect(share).toBeGreaterThan(0.6);
    expect(share).toBeLessThan(0.9);
  });
});

describe('outcomes', () => {
  test('answers of 500 are errors, told by status', async () => {
    const server = await serve((_, response) => response.writeHead(500).end('no'));
    const result = await drive(server.port, { thresholds: ['errors < 1%'] });
    expect(result.total).toMatchObject({ expected: 0, errorRatio: 1 });
    expect(result.total.statuses).toEqual({ 500: server.served.length });
    expect(result.thresholds).toMatchObject([
      { verdict: 'failed', actual: [{ metric: 'errors', unit: 'ratio', value: 1 }] },
    ]);
    expect(result.verdict).toBe('failed');
  });

  test('an expected status is no error', async () => {
    const server = await serve((_, response) => response.writeHead(409).end());
    const result = await drive(server.port, { requests: [request({ expectStatus: [409] })] });
    expect(result.total).toMatchObject({ unexpected: 0, errorRatio: 0 });
  });

  test('a run in which no answer was expected fails, thresholds or not', async () => {
    const server = await serve((_, response) => response.writeHead(404).end());
    expect((await drive(server.port)).verdict).toBe('failed');
  });

  test('requests that nobody answers are timeouts, and their time is in the latency', async () => {
    const server = await serve(() => undefined);
    const result = await drive(server.port, { timeoutMs: 150, durationMs: 3_000 });
    expect(result.total.timeouts).toBeGreaterThanOrEqual(4);
    expect(result.total.timeouts).toBe(result.total.started);
    expect(result.total.latency.minMs).toBeGreaterThanOrEqual(140);
    expect(result.verdict).toBe('failed');
  });

  test('a request begun within the window is waited for', async () => {
    const server = await serve((_, response) => setTimeout(() => response.end(), 2_500));
    const result = await drive(server.port, { durationMs: 1_000 });
    expect(result.total).toMatchObject({ started: 4, completed: 4, abandoned: 0, ratePerSecond: 0 });
  });

  test('a server that takes 20 ms is never reported as faster', async () => {
    const server = await serve((_, response) => setTimeout(() => response.end(), 21));
    const { latency } = (await drive(server.port, { durationMs: 3_000 })).total;
    expect(latency.minMs).toBeGreaterThanOrEqual(20);
    expect(latency.percentilesMs.p50).toBeGreaterThanOrEqual(20);
    expect(latency.maxMs).toBeGreaterThanOrEqual(latency.percentilesMs.p50 ?? Number.NaN);
  });
});

describe('connections', () => {
  test('that break in mid-answer are counted, and make the run suspect', async () => {
    const server = await serve((message, response) => {
      if (server.served.length % 5 !== 0) response.end('ok');
      else {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => message.socket.destroy());
      }
    });
    const result = await drive(server.port, { durationMs: 3_000 });
    expect(result.suspect).toBe(true);
    expect(result.warnings.join()).toMatch(/suspect/);
    expect(result.total.connectionErrors).toBe(Math.floor(server.served.length / 5));
    expect(result.total.completed + result.total.connectionErrors).toBe(server.served.length);
  });

  test('that the server closes politely after each answer are no errors', async () => {
    const server = await serve((_, response) => response.setHeader('connection', 'close').end('bye'));
    const result = await drive(server.port);
    expect(result.suspect).toBe(false);
    expect(result.total.completed).toBe(server.served.length);
    expect(result.total.connectionErrors).toBe(0);
  });

  test('whose end is the end of the answer are no errors', async () => {
    const server = await serveRaw((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nuntil the end'));
    const result = await drive(server.port, { durationMs: 3_000 });
    expect(result.total).toMatchObject({ connectionErrors: 0, errorRatio: 0 });
    expect(result.total.completed).toBeGreaterThan(4);
  });

  test('that answer something else than HTTP are connection errors', async () => {
    const server = await serveRaw((socket) => socket.write('220 mail ready\r\n'));
    const result = await drive(server.port);
    expect(result.total.completed).toBe(0);
    expect(result.total.connectionErrors).toBeGreaterThan(0);
    expect(result.warnings.join()).toMatch(/not an HTTP answer/);
  });

  test('may send interim answers, which are not the answer', async () => {
    const server = await serve((_, response) => {
      response.writeProcessing();
      response.end('ok');
    });
    const result = await drive(server.port, { durationMs: 3_000 });
    expect(result.total.statuses).toEqual({ 200: server.served.length });
    expect(result.total.completed).toBeGreaterThan(4);
  });

  test('answer HEAD without a body', async () => {
    const server = await serve((_, response) => response.writeHead(200, { 'content-length': '5' }).end());
    const result = await drive(server.port, {
      durationMs: 3_000,
      requests: [request({ method: 'HEAD' })],
    });
    expect(result.total.completed).toBe(server.served.length);
    expect(result.total.completed).toBeGreaterThan(4);
  });
});

describe('requests', () => {
  test('are rendered: path, query, headers, body', async () => {
    const seen: string[] = [];
    const server = await serve((message, response) => {
      let body = '';
      message.on('data', (chunk) => {
        body += String(chunk);
      });
      message.on('end', () => {
        seen.push([message.url, message.headers['x-key'], message.headers['content-type'], body].join(' '));
        response.end();
      });
    });
    await drive(server.port, {
      durationMs: 1_000,
      requests: [
        request({
          method: 'POST',
          url: '${users}/api/users?page=${1 + 1}',
          headers: { 'x-key': '${uuid()}' },
          json: { quantity: '${3}', text: 'é' },
        }),
      ],
    });
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen[0]).toMatch(
      /^\/api\/users\?page=2 [\da-f]{8}-[\da-f-]{27} application\/json \{"quantity":3,"text":"é"\}$/,
    );
  });

  test('replay under the same seed', async () => {
    const firstKeys = async () => {
      const keys: unknown[] = [];
      const enough = new AbortController();
      const server = await serve((message, response) => {
        keys.push(message.headers['x-key']);
        if (keys.length === 5) enough.abort();
        response.end();
      });
      await drive(
        server.port,
        {
          connections: 1,
          durationMs: 60_000,
          requests: [request({ headers: { 'x-key': '${fake.int(1, 1000000000)}' } })],
        },
        { signal: enough.signal },
      );
      return keys.slice(0, 5);
    };
    expect(await firstKeys()).toEqual(await firstKeys());
  });
});

describe('a target', () => {
  test('where nothing listens ends the run before a process is forked', async () => {
    const port = await freePort();
    await expect(
      drive(port, {}, { generatorFile: new URL('file:///no/such/generator.js') }),
    ).rejects.toMatchObject({
      code: 'load-target-down',
      exitCode: 3,
      message: expect.stringContaining(`http://127.0.0.1:${port}`),
    });
  });

  test('that goes away in mid-run ends the run early', async () => {
    const server = await serve((_, response) => {
      response.end();
      if (server.served.length === 200) void server.close();
    });
    const result = await drive(server.port, { durationMs: 60_000 });
    expect(result.verdict).toBe('target-lost');
    expect(result.measuredMs).toBeLessThan(60_000);
    expect(result.total.completed).toBeGreaterThan(0);
  });
});

test('an abort ends the run with what there is, and leaves no process', async () => {
  const server = await serve((_, response) => setTimeout(() => response.end(), 5));
  const interrupt = new AbortController();
  const result = await drive(
    server.port,
    { durationMs: 60_000, processes: 2 },
    { signal: interrupt.signal, onSecond: () => interrupt.abort() },
  );
  expect(result.verdict).toBe('interrupted');
  expect(result.total.completed).toBeGreaterThan(0);
  expect(result.total.started - result.total.completed).toBe(result.total.abandoned);
  await expect.poll(() => generatorChildren()).toEqual([]);
});

test('an abort before the start sends nothing', async () => {
  const server = await serve();
  const result = await drive(server.port, {}, { signal: AbortSignal.abort() });
  expect(result).toMatchObject({ verdict: 'interrupted', measuredMs: 0, total: { started: 0 } });
  expect(server.served).toEqual([]);
});

test('a generator that dies is an error of the environment', async () => {
  const server = await serve();
  await expect(
    drive(server.port, {}, { generatorFile: new URL('file:///no/such/generator.js') }),
  ).rejects.toMatchObject({ code: 'load-generator-died', exitCode: 3 });
});

/** Processes that this one has forked and that still hold a channel to it. */
function generatorChildren(): string[] {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'ProcessWrap');
}
