import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { deferred } from '../../../src/lib/deferred.ts';
import { connectControl } from '../../../src/topology/control/client.ts';
import { connectToRun } from '../../../src/topology/control/index.ts';
import { readState } from '../../../src/topology/state.ts';
import { stopRunning } from '../../../src/topology/stop-running.ts';
import { superviseElsewhere, suspendWatchdog } from '../supervise-elsewhere.ts';
import { errorFrom, freePort, own, pidOf, planOf, temporaryFolder, trial, until } from '../support.ts';

const never = new AbortController().signal;

async function users(root?: string) {
  const shop = trial([own('users', 'listens.mjs', { port: await freePort() })], root);
  const running = await shop.start();
  const path = readState(shop.plan.stateDir)?.control ?? '';
  return { ...shop, running, path };
}

/** A client without manners: what it writes is up to the test. */
function rawClient(path: string): { socket: Socket; lines: string[] } {
  const socket = connect({ path });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  const lines: string[] = [];
  createInterface({ input: socket }).on('line', (line) => lines.push(line));
  return { socket, lines };
}

test('the socket is for its user alone, stands in the state, and is gone after the stop', async () => {
  const { plan, path, running } = await users();
  expect(path).toBe(join(plan.stateDir, 'control', 'socket'));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  await running.stop();
  expect(existsSync(path)).toBe(false);
});

test('where the path would be too long, the socket has a private folder for temporary files', async () => {
  const root = join(temporaryFolder(), 'a'.repeat(120));
  mkdirSync(root);
  const { path, plan, running } = await users(root);
  expect(path.startsWith(join(tmpdir(), 'shopctl-control-'))).toBe(true);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  const client = await connectToRun(plan, { signal: never });
  expect(await client?.ask({ request: 'statuses' })).toMatchObject({ services: [{ state: 'ready' }] });
  await running.stop();
  expect(existsSync(dirname(path))).toBe(false);
});

test('a client restarts a service, and follows what happens until the run ends', async () => {
  const { plan, running } = await users();
  const before = pidOf(running, 'users');
  const seen: string[] = [];
  const client = await connectToRun(plan, {
    signal: never,
    onEvent: ({ type, service }) => void seen.push(`${type} ${service}`),
  });
  expect(await client?.ask({ request: 'follow' })).toMatchObject({ phase: 'up', topology: 'all' });
  const answer = await client?.ask({ request: 'restart', services: ['users'] });
  expect(answer?.services[0]?.pid).toBe(pidOf(running, 'users'));
  expect(pidOf(running, 'users')).not.toBe(before);
  expect(seen.filter((line) => !line.startsWith('log-lines'))).toEqual([
    'service-stopping users',
    'service-stopped users',
    'service-starting users',
    'service-ready users',
  ]);
  const refused = client?.ask({ request: 'restart', services: ['user'] });
  expect(await errorFrom(refused ?? Promise.resolve())).toMatchObject({
    code: 'usage',
    hint: 'did you mean users?',
  });
  await running.stop();
  expect(await client?.ended).toMatchObject({ how: 'stopped', services: [{ state: 'stopped' }] });
});

test.each([
  ['no JSON', 'restart users', 'a request is one JSON object on one line'],
  ['an unknown request', '{"id":3,"request":"explode"}', 'there is no request \\"explode\\"'],
  ['a request without services', '{"id":3,"request":"restart"}', 'restart needs `services`'],
  ['names that are none', '{"id":3,"request":"stop","services":[1]}', 'stop needs `services`'],
  ['an endless line', 'x'.repeat(3_000_000), 'a request is one JSON object on one line'],
])('%s is answered with an error, and the run goes on', async (_what, line, message) => {
  const { path, running } = await users();
  const { socket, lines } = rawClient(path);
  socket.write(`${line}\n{"id":9,"request":"statuses"}\n`);
  await until('both are answered', () => lines.length === 3);
  expect(JSON.parse(lines[0] ?? '')).toEqual({ shopctl: 'control', version: 1, pid: process.pid });
  expect(lines[1]).toContain(message);
  expect(JSON.parse(lines[2] ?? '')).toMatchObject({ id: 9, answer: { phase: 'up' } });
  expect(running.services()[0]?.state).toBe('ready');
});

test('a client that reads nothing is given up, and holds neither the output nor the stop up', async () => {
  const port = await freePort();
  const shop = trial([own('floods', 'floods.mjs', { port })]);
  const running = await shop.start();
  const path = readState(shop.plan.stateDir)?.control ?? '';
  const socket = connect({ path });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.pause();
  socket.write('{"id":1,"request":"follow"}\n');
  for (let id = 2; id < 40; id += 1) socket.write(`{"id":${id},"request":"statuses"}\n`);
  const written = () => shop.events.reduce((sum, event) => sum + (event.type === 'log-lines' ? 1 : 0), 0);
  await until('it has written much', () => written() > 200);
  await running.stop();
  expect(running.services()[0]?.state).toBe('stopped');
  expect(existsSync(path)).toBe(false);
});

test('a follower that is too slow loses lines of output, and hears how many', async () => {
  const shop = trial([own('floods', 'floods.mjs', { port: await freePort() })]);
  await shop.start();
  let leftOut = 0;
  const gate = deferred();
  const client = await connectToRun(shop.plan, {
    signal: never,
    onEvent: () => gate.promise,
    onLinesLeftOut: (count) => {
      leftOut += count;
    },
  });
  onTestFinished(() => client?.close());
  const bytes = () =>
    shop.events.reduce((sum, event) => {
      if (event.type !== 'log-lines') return sum;
      return sum + event.lines.reduce((length, { text }) => length + text.length, 0);
    }, 0);
  const before = bytes();
  await client?.ask({ request: 'follow' });
  await until('it has written more than is kept for a client', () => bytes() - before > 6_000_000);
  gate.resolve();
  await until('it is told', () => leftOut > 0);
});

test('a supervisor of another version is refused', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'socket');
  const { createServer } = await import('node:net');
  const server = createServer((socket) => socket.end('{"shopctl":"control","version":2,"pid":1}\n'));
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  onTestFinished(() => void server.close());
  const error = await errorFrom(connectControl(path));
  expect(error).toMatchObject({
    code: 'control-unavailable',
    message: 'the supervisor is of another version of shopctl',
  });
});

test('kill -9 of the supervisor: its client hears of it, and the watchdog removes the socket', async () => {
  const plan = planOf([own('users', 'listens.mjs', { port: await freePort() })]);
  const child = await superviseElsewhere(plan);
  const path = readState(plan.stateDir)?.control ?? '';
  const client = await connectToRun(plan, { signal: never });
  const ended = errorFrom(client?.ended ?? Promise.resolve());
  child.kill('SIGKILL');
  expect(await ended).toMatchObject({ code: 'supervisor-lost', exitCode: 3 });
  await until('the socket is gone', () => !existsSync(path));
  await until('the state says so', () => readState(plan.stateDir)?.phase === 'stopped');
  expect(await connectToRun(plan, { signal: never })).toBeUndefined();
});

test('a socket that a killed run left is replaced by the next start, and removed by down', async () => {
  const plan = planOf([own('users', 'listens.mjs', { port: await freePort() })]);
  const killAll = async () => {
    const child = await superviseElsewhere(plan);
    await suspendWatchdog(child);
    child.kill('SIGKILL');
    await until('nobody runs', async () => (await connectToRun(plan, { signal: never })) === undefined);
  };
  await killAll();
  const path = readState(plan.stateDir)?.control ?? '';
  expect(existsSync(path)).toBe(true);
  const next = trial(plan.services, plan.root);
  const running = await next.start();
  expect(await (await connectToRun(plan, { signal: never }))?.ask({ request: 'statuses' })).toMatchObject({
    phase: 'up',
  });
  await running.stop();
  await killAll();
  await stopRunning(plan, { signal: never, volumes: false });
  expect(existsSync(path)).toBe(false);
});

test('nothing but a socket of ours is removed, whatever a state file names', async () => {
  const plan = planOf([own('users', 'listens.mjs', { port: await freePort() })]);
  const first = trial(plan.services, plan.root);
  await (await first.start()).stop();
  const precious = join(plan.root, 'precious');
  writeFileSync(precious, 'data');
  const file = join(plan.stateDir, 'state.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), control: precious }));
  const second = trial(plan.services, plan.root);
  await (await second.start()).stop();
  expect(readFileSync(precious, 'utf8')).toBe('data');
});
