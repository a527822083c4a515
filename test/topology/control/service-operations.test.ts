import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Liveness } from '../../../src/config/project.ts';
import {
  errorFrom,
  eventOf,
  foreign,
  freePort,
  freePorts,
  isRunning,
  listenOn,
  own,
  pidOf,
  temporaryFolder,
  trial,
  until,
} from '../support.ts';

/** Asked when something happens, and as good as never in between. */
const answersWithin = (timeoutMs: number): Liveness => ({
  probe: { kind: 'http', path: '/' },
  everyMs: 3_600_000,
  timeoutMs,
  failures: 3,
});

/** users, orders that needs it, pay that needs orders; and mail, which needs nothing. */
async function chain(usersEnv: Readonly<Record<string, string>> = {}, payTimeoutMs = 20_000) {
  const [users = 0, orders = 0, pay = 0, mail = 0] = await freePorts(4);
  const shop = trial([
    own('users', 'listens.mjs', { port: users, env: usersEnv }),
    own('orders', 'listens.mjs', { port: orders, needs: ['users'], live: answersWithin(20_000) }),
    own('pay', 'falls-silent.mjs', { port: pay, needs: ['orders'], live: answersWithin(payTimeoutMs) }),
    own('mail', 'listens.mjs', { port: mail }),
  ]);
  const running = await shop.start();
  const pids = () => Object.fromEntries(running.services().map(({ name, pid }) => [name, pid]));
  const states = () => Object.fromEntries(running.services().map(({ name, state }) => [name, state]));
  const lately = () => shop.story().slice(8);
  return { ...shop, running, pids, states, lately, ports: { users, orders, pay, mail } };
}

test('a restarted service has another process, the others keep theirs, and whoever needs it is asked', async () => {
  const { running, pids, lately, events } = await chain();
  const before = pids();
  await running.restart(['users']);
  const { users, ...others } = pids();
  expect(users).not.toBe(before['users']);
  expect(others).toEqual({ orders: before['orders'], pay: before['pay'], mail: before['mail'] });
  expect(lately()).toEqual([
    'service-stopping users',
    'service-waiting orders',
    'service-waiting pay',
    'service-stopped users',
    'service-starting users',
    'service-ready users',
    expect.stringMatching(/^service-resumed (orders|pay)$/),
    expect.stringMatching(/^service-resumed (orders|pay)$/),
  ]);
  expect(eventOf(events, 'service-waiting', 'pay').needs).toEqual(['users']);
});

test('the name of a service with replicas stands for all of them', async () => {
  const [edge = 0, first = 0, second = 0, mail = 0] = await freePorts(4);
  const { start } = trial([
    own('users-1', 'listens.mjs', { port: first, replicaOf: 'users' }),
    own('users-2', 'listens.mjs', { port: second, replicaOf: 'users' }),
    own('users', 'listens.mjs', { port: edge, needs: ['users-1', 'users-2'] }),
    own('mail', 'listens.mjs', { port: mail }),
  ]);
  const running = await start();
  const pids = () => running.services().map(({ pid }) => pid);
  const before = pids();
  await running.restart(['users']);
  expect(pids().map((pid, index) => pid === before[index])).toEqual([false, false, false, true]);
  await running.stopServices(['users']);
  expect(running.services().map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped', 'ready']);
  await running.startServices(['users']);
  expect(running.services().map(({ state }) => state)).toEqual(['ready', 'ready', 'ready', 'ready']);
});

test('with dependants, those are restarted too, after what they need', async () => {
  const { running, pids, lately } = await chain();
  const before = pids();
  await running.restart(['users'], { withDependants: true });
  const after = pids();
  for (const name of ['users', 'orders', 'pay']) expect(after[name]).not.toBe(before[name]);
  expect(after['mail']).toBe(before['mail']);
  expect(lately().filter((line) => /stopped|ready/.test(line))).toEqual([
    'service-stopped pay',
    'service-stopped orders',
    'service-stopped users',
    'service-ready users',
    'service-ready orders',
    'service-ready pay',
  ]);
});

test('the same request twice at once is one restart, and another one meanwhile is refused', async () => {
  const { running, lately } = await chain();
  const first = running.restart(['users']);
  const second = running.restart(['users']);
  const refused = await errorFrom(running.stopServices(['users']));
  expect(refused).toMatchObject({ code: 'service-busy', message: 'users is being restarted at this moment' });
  await Promise.all([first, second]);
  expect(lately().filter((line) => line === 'service-ready users')).toHaveLength(1);
});

test('two services that need each other are restarted at once without waiting for each other for ever', async () => {
  const { running, states, pids } = await chain();
  const before = pids();
  await Promise.all([running.restart(['users', 'pay']), running.restart(['orders', 'mail'])]);
  expect(states()).toEqual({ users: 'ready', orders: 'ready', pay: 'ready', mail: 'ready' });
  for (const [name, pid] of Object.entries(pids())) expect(pid).not.toBe(before[name]);
});

test('a stopped service is away for whoever needs it, and comes back when it is started', async () => {
  const { running, states, lately } = await chain();
  expect(await running.stopServices(['users'])).toEqual(['orders', 'pay']);
  expect(states()).toMatchObject({ users: 'stopped', orders: 'ready' });
  const waits = () => running.services().map(({ name, waitsFor = [] }) => `${name}: ${waitsFor.join()}`);
  expect(waits()).toEqual(['users: ', 'orders: users', 'pay: users', 'mail: ']);
  expect(await errorFrom(running.restart(['orders']))).toMatchObject({
    message: 'orders cannot start: it needs users, which is stopped',
    hint: 'start both: `shopctl start users orders`',
  });
  expect(states()['orders']).toBe('ready');
  await running.startServices(['users']);
  expect(waits()).toEqual(['users: ', 'orders: ', 'pay: ', 'mail: ']);
  expect(lately().slice(-2).sort()).toEqual(['service-resumed orders', 'service-resumed pay']);
  const { length } = lately();
  await running.startServices(['users']);
  expect(lately()).toHaveLength(length);
});

test('a dependant that does not answer once what it needs is back is unhealthy, until it answers', async () => {
  const { running, states, events, ports } = await chain({}, 500);
  await fetch(`http://127.0.0.1:${ports.pay}/fall-silent`);
  await running.restart(['users']);
  expect(states()).toMatchObject({ users: 'ready', orders: 'ready', pay: 'unhealthy' });
  expect(eventOf(events, 'service-unhealthy', 'pay').message).toBe('did not answer within 0.5 s');
});

test('a dependant that does not answer is restarted where its policy says so', async () => {
  const [users = 0, pay = 0] = await freePorts(2);
  const { start, story } = trial([
    own('users', 'listens.mjs', { port: users }),
    own('pay', 'falls-silent.mjs', {
      port: pay,
      needs: ['users'],
      restart: { policy: 'on-failure', backoffMs: 1, limitMs: 4 },
      live: answersWithin(500),
    }),
  ]);
  const running = await start();
  const before = pidOf(running, 'pay');
  await fetch(`http://127.0.0.1:${pay}/fall-silent`);
  await running.restart(['users']);
  await until('it is ready again', () => story().filter((line) => line === 'service-ready pay').length === 2);
  expect(pidOf(running, 'pay')).not.toBe(before);
});

test('a restart that fails says why with the last lines, leaves nothing of it, and can be tried again', async () => {
  const folder = temporaryFolder();
  const broken = join(folder, 'broken');
  const { running, states, pids, events } = await chain({ BROKEN: broken });
  const before = pids()['users'];
  writeFileSync(broken, '');
  const error = await errorFrom(running.restart(['users']));
  expect(error).toMatchObject({ code: 'service-failed', exitCode: 3 });
  expect(error.message).toMatch(/^users ended while it was starting: exit code 3 after /);
  expect(eventOf(events, 'service-failed', 'users').message).toBe(error.message);
  expect(running.services()[0]).toMatchObject({ state: 'failed', reason: error.message });
  expect(pids()['users']).toBeUndefined();
  expect(await isRunning(before ?? 0)).toBe(false);
  expect(running.services()[1]).toMatchObject({ state: 'ready', waitsFor: ['users'] });
  rmSync(broken);
  await running.restart(['users']);
  expect(states()).toMatchObject({ users: 'ready', orders: 'ready' });
  expect(running.services()[0]?.reason).toBeUndefined();
});

test('a port that a stranger has taken meanwhile is named with its owner', async () => {
  const { running, states, ports } = await chain();
  await running.stopServices(['mail']);
  const stranger = await listenOn(ports.mail);
  const error = await errorFrom(running.startServices(['mail']));
  expect(error.code).toBe('port-taken');
  expect(error.message).toContain(`pid ${process.pid}`);
  expect(states()['mail']).toBe('failed');
  await stranger.close();
  await running.startServices(['mail']);
  expect(states()['mail']).toBe('ready');
});

test('a restart does not wait for a back-off, and ends it', async () => {
  const port = await freePort();
  const { start, story } = trial([
    own('users', 'listens.mjs', {
      port,
      restart: { policy: 'always', backoffMs: 3_600_000, limitMs: 3_600_000 },
    }),
  ]);
  const running = await start();
  await fetch(`http://127.0.0.1:${port}/exit`);
  await until('it waits', () => story().includes('service-restarting users'));
  await running.restart(['users']);
  expect(running.services()[0]?.state).toBe('ready');
});

test('the end of everything ends a restart that goes on, and leaves nothing behind', async () => {
  const folder = temporaryFolder();
  const gate = join(folder, 'gate');
  writeFileSync(gate, '');
  const port = await freePort();
  const { start, story } = trial([own('slow', 'listens-after.mjs', { port, env: { GATE: gate } })]);
  const running = await start();
  rmSync(gate);
  const restart = errorFrom(running.restart(['slow']));
  await until(
    'it starts again',
    () => story().filter((line) => line === 'service-starting slow').length === 2,
  );
  const pid = pidOf(running, 'slow');
  await running.stop();
  expect((await restart).message).toBe('slow was stopped before it was ready');
  expect(running.services()[0]).toMatchObject({ state: 'stopped' });
  expect(await isRunning(pid)).toBe(false);
  expect((await errorFrom(running.restart(['slow']))).message).toBe('not now: everything is being stopped');
});

test('a run whose services were all stopped by request goes on', async () => {
  const { running, lately } = await chain();
  let hasEnded = false;
  void running.allEnded.then(() => {
    hasEnded = true;
  });
  await running.stopServices(['users', 'orders', 'pay', 'mail']);
  expect(lately().filter((line) => line.startsWith('service-stopped'))).toHaveLength(4);
  await running.startServices(['users', 'orders', 'pay', 'mail']);
  expect(hasEnded).toBe(false);
});

test('names that are not there and services that run elsewhere are refused before anything is stopped', async () => {
  const [users = 0, elsewhere = 0] = await freePorts(2);
  const other = trial([own('there', 'listens.mjs', { port: elsewhere })]);
  await other.start();
  const { start, story } = trial([
    own('users', 'listens.mjs', { port: users }),
    foreign('legacy', `http://127.0.0.1:${elsewhere}`),
  ]);
  const running = await start();
  const { length } = story();
  expect(await errorFrom(running.restart(['users', 'user']))).toMatchObject({
    code: 'usage',
    hint: 'did you mean users?',
  });
  expect((await errorFrom(running.restart(['legacy']))).message).toContain('runs elsewhere');
  expect(story()).toHaveLength(length);
});

test('a job that is restarted does its work once more, and its log goes on', async () => {
  const job = own('migrate', 'does-a-job.mjs', {
    ready: { probe: { kind: 'exit' }, everyMs: 10, timeoutMs: 30_000 },
  });
  const port = await freePort();
  const { start, plan, story } = trial([job, own('users', 'listens.mjs', { port, needs: ['migrate'] })]);
  const running = await start();
  await running.restart(['migrate']);
  expect(story().filter((line) => line === 'service-completed migrate')).toHaveLength(2);
  await running.stop();
  const log = readFileSync(join(plan.stateDir, 'logs', 'migrate.log'), 'utf8');
  expect(log.match(/ done\n/g)).toHaveLength(2);
});
