import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../load/server.ts';

const HOST = fileURLToPath(new URL('../fixtures/load/host.mjs', import.meta.url));
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

test('a good run ends with 0 and one JSON document', async () => {
  const server = await serve();
  const { code, json } = await run(configFor(server.port, ['p50 < 10s', 'errors < 1%']), 'steady', '3s');
  expect(code).toBe(0);
  expect(json).toMatchObject({
    schema: 'shopctl/load/1',
    profile: 'steady',
    verdict: 'passed',
    model: 'closed model, 4 connections',
    seed: 7,
    total: { completed: server.served.length, errors: 0, statuses: { 200: server.served.length } },
    thresholds: [{ verdict: 'passed' }, { verdict: 'passed' }],
  });
});

test('a server that answers 500 fails the thresholds: 1', async () => {
  const server = await serve(500);
  const { code, json } = await run(configFor(server.port, ['errors < 1%']), 'steady');
  expect(code).toBe(1);
  expect(json).toMatchObject({ verdict: 'failed', thresholds: [{ verdict: 'failed' }] });
});

test('nothing listening is an error of the environment: 3', async () => {
  const server = await serve();
  await server.close();
  const { code, json } = await run(configFor(server.port), 'steady');
  expect(code).toBe(3);
  expect(json).toMatchObject({
    code: 'load-target-down',
    message: expect.stringContaining(`:${server.port}`),
  });
});

test('too few samples for a threshold are inconclusive: 4', async () => {
  const server = await serve();
  const { code, json } = await run(configFor(server.port, ['p999 < 10s']), 'steady', '20ms');
  expect(code).toBe(4);
  expect(json).toMatchObject({ verdict: 'inconclusive' });
});

describe('usage errors end with 2', () => {
  test('an unknown profile, with the nearest and all names', async () => {
    const { code, json } = await run(configFor(1), 'stedy');
    expect(code).toBe(2);
    expect(json).toMatchObject({
      code: 'load-profile-unknown',
      hint: 'did you mean `steady`? (profiles: steady)',
    });
  });

  test('a bad duration', async () => {
    const { code, json } = await run(configFor(1), 'steady', '5 seconds');
    expect(code).toBe(2);
    expect(json).toMatchObject({ code: 'usage', message: expect.stringContaining('--duration 5 seconds') });
  });

  test('a bad threshold, with its place', async () => {
    const { code, json } = await run(configFor(1, ['p99 < 1s', 'eror < 1%']), 'steady');
    expect(code).toBe(2);
    expect(json).toMatchObject({
      code: 'config-invalid',
      problems: [{ place: expect.stringMatching(/e2e\.config\.yaml:11:\d+$/) }],
    });
  });
});

test('Ctrl-C, which reaches the whole process group, ends with 130, the numbers so far, and nothing left', async () => {
  const server = await serve();
  const host = start(configFor(server.port), 'steady', '60s');
  await expect.poll(() => server.served.length).toBeGreaterThan(50);
  const generators = childrenOf(host);
  expect(generators).toHaveLength(2);
  process.kill(-Number(host.pid), 'SIGINT');
  const { code, json } = await result(host);
  expect(code).toBe(130);
  expect(json).toMatchObject({ verdict: 'interrupted', total: { completed: expect.any(Number) } });
  expect(generators.filter(isAlive)).toEqual([]);
});

test('when the tool is killed, its generators end too', async () => {
  const server = await serve();
  const host = start(configFor(server.port), 'steady', '60s');
  await expect.poll(() => server.served.length).toBeGreaterThan(50);
  const generators = childrenOf(host);
  expect(generators).toHaveLength(2);
  host.kill('SIGKILL');
  await expect.poll(() => generators.filter(isAlive)).toEqual([]);
});

async function serve(status = 200): Promise<TestServer> {
  const server = await startServer((_, response) => response.writeHead(status).end());
  cleanups.push(() => server.close());
  return server;
}

/** A configuration with one adopted service; the thresholds begin at line 10. */
function configFor(port: number, thresholds: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'shopctl-load-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'e2e.config.yaml');
  writeFileSync(
    file,
    [
      'name: test',
      'services:',
      `  users: { url: "http://127.0.0.1:${port}" }`,
      'load:',
      '  steady:',
      '    { duration: 300ms, warmup: 0ms, connections: 4, processes: 2,',
      '      requests: [{ get: "${users}/api/users" }],',
      '      thresholds:',
      '      [',
      ...thresholds.map((threshold) => `      "${threshold}",`),
      '      ] }',
    ].join('\n'),
  );
  return file;
}

function start(...args: string[]): ChildProcess {
  const host = spawn(process.execPath, [HOST, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(() => host.kill('SIGKILL'));
  return host;
}

const run = (...args: string[]) => result(start(...args));

async function result(host: ChildProcess): Promise<{ code: number | null; json: unknown }> {
  let stdout = '';
  host.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
  });
  await once(host, 'close');
  return { code: host.exitCode, json: JSON.parse(stdout) };
}

function childrenOf({ pid }: ChildProcess): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
