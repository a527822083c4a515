import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { OwnService } from '../../src/config/project.ts';
import type { ServiceEvent } from '../../src/model/index.ts';
import { systemClock } from '../../src/topology/clock.ts';
import { readState } from '../../src/topology/state.ts';
import { beginElsewhere } from './supervise-elsewhere.ts';
import {
  errorFrom,
  eventOf,
  freePorts,
  living,
  own,
  pidOf,
  planOf,
  temporaryFolder,
  trial,
  until,
} from './support.ts';

/** A service that loads early and needs users. */
const early = (port: number, facts: Partial<OwnService> = {}): OwnService =>
  own('orders', 'loads-early.mjs', { port, needs: ['users'], eager: true, ...facts });

/** One that is ready once the file is there. */
const gated = (port: number, gate: string): OwnService =>
  own('users', 'notifies.mjs', {
    port,
    env: { GATE: gate },
    ready: { probe: { kind: 'tcp' }, everyMs: 10, timeoutMs: 30_000, notify: true },
  });

const hasSaid = (events: readonly ServiceEvent[], service: string, text: string) =>
  events.some(
    (one) =>
      one.type === 'log-lines' && one.service === service && one.lines.some((line) => line.text === text),
  );

const ordersIn = (stateDir: string) => readState(stateDir)?.services.find(({ name }) => name === 'orders');

/** Users that wait for a gate, and orders that load meanwhile. */
async function whileUsersStart(facts: Partial<OwnService> = {}, clock = systemClock) {
  const [users = 0, orders = 0] = await freePorts(2);
  const root = temporaryFolder();
  const gate = join(root, 'gate');
  const services = [gated(users, gate), early(orders, facts)];
  return { ...trial(services, root, clock), orders, open: () => writeFileSync(gate, '') };
}

test('it loads while what it needs starts, says so, and serves once that is ready', async () => {
  const { start, events, story, plan, open } = await whileUsersStart();
  const started = start();
  await until('it has loaded', () => hasSaid(events, 'orders', 'START_FD is 3'));
  await until('the state says so', () => ordersIn(plan.stateDir)?.reason !== undefined);
  expect(ordersIn(plan.stateDir)).toMatchObject({
    state: 'starting',
    reason: 'loaded early, waits for users',
  });
  expect(hasSaid(events, 'orders', 'told to serve')).toBe(false);
  open();
  const running = await started;
  expect(story()).toEqual([
    'service-starting users',
    'service-starting orders',
    'service-ready users',
    'service-ready orders',
  ]);
  expect(running.services().map(({ state, reason }) => [state, reason])).toEqual([
    ['ready', undefined],
    ['ready', undefined],
  ]);
});

test('beside a pipe for its own word it has one of another number', async () => {
  const { start, events, open } = await whileUsersStart({
    ready: { probe: { kind: 'http', path: '/' }, everyMs: 10, timeoutMs: 30_000, notify: true },
  });
  open();
  await start();
  await until('it has told', () => hasSaid(events, 'orders', 'START_FD is 4'));
});

test('one that listens before it was told to is ready only after what it needs', async () => {
  const { start, events, story, orders, open } = await whileUsersStart({
    env: { HASTY: '1' },
    ready: { probe: { kind: 'http', path: '/' }, everyMs: 10, timeoutMs: 30_000, notify: true },
  });
  const started = start();
  await until('it answers', async () => {
    const answer = await fetch(`http://127.0.0.1:${orders}/`).catch(() => undefined);
    return answer?.ok === true;
  });
  await until('it has said so', () => hasSaid(events, 'orders', 'listens'));
  expect(story()).not.toContain('service-ready orders');
  open();
  await started;
  expect(story().slice(-2)).toEqual(['service-ready users', 'service-ready orders']);
});

test('what it takes counts from the moment in which it may serve', async () => {
  let nowMs = 0;
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const { start, events, open } = await whileUsersStart({}, clock);
  const started = start();
  await until('it has loaded', () => hasSaid(events, 'orders', 'START_FD is 3'));
  nowMs = 5_000;
  open();
  await started;
  expect(eventOf(events, 'service-ready', 'users').tookMs).toBe(5_000);
  expect(eventOf(events, 'service-ready', 'orders').tookMs).toBe(0);
});

test('one that ends while it waits fails the start at once', async () => {
  const { startError, story } = await whileUsersStart({ env: { DIES: '1' } });
  const error = await startError();
  expect(error.code).toBe('service-failed');
  expect(error.message).toMatch(/^orders ended while it was starting: exit code 7/);
  expect(story()).not.toContain('service-ready users');
});

test('when what it needs fails, it is never told to serve, and is ended', async () => {
  const [users = 0, orders = 0] = await freePorts(2);
  const { start, events, story } = trial([
    own('users', 'dies.mjs', { port: users, required: false }),
    early(orders, { required: false }),
  ]);
  const running = await start();
  expect(running.services().map(({ name, state }) => [name, state])).toEqual([
    ['users', 'failed'],
    ['orders', 'failed'],
  ]);
  expect(running.services()[1]?.reason).toBe('orders cannot start: it needs users, which failed');
  expect(hasSaid(events, 'orders', 'told to serve')).toBe(false);
  expect(story()).not.toContain('service-ready orders');
  await until('its process is gone', () => running.services()[1]?.pid === undefined);
});

test('an interrupted start ends what is waiting', async () => {
  const { start, events, abort, plan } = await whileUsersStart();
  const failed = errorFrom(start());
  await until('it has loaded', () => hasSaid(events, 'orders', 'START_FD is 3'));
  await until('its process is known', () => ordersIn(plan.stateDir)?.pid !== undefined);
  const pid = ordersIn(plan.stateDir)?.pid ?? 0;
  abort.abort();
  expect((await failed).code).toBe('interrupted');
  expect(await living([pid])).toEqual([]);
});

test('one that is restarted is told to serve at once', async () => {
  const { start, events, open } = await whileUsersStart();
  open();
  const running = await start();
  const before = pidOf(running, 'orders');
  events.length = 0;
  await running.restart(['orders']);
  expect(pidOf(running, 'orders')).not.toBe(before);
  expect(running.services()[1]?.state).toBe('ready');
  await until('it was told', () => hasSaid(events, 'orders', 'told to serve'));
});

test('without needs, it serves at once', async () => {
  const [port = 0] = await freePorts(1);
  const { start } = trial([early(port, { needs: [] })]);
  expect((await start()).services()[0]?.state).toBe('ready');
});

test('a service that does not load early is given no pipe, whatever our own starter gave us', async () => {
  vi.stubEnv('START_FD', '4');
  const [port = 0] = await freePorts(1);
  const { start, events } = trial([own('orders', 'loads-early.mjs', { port })]);
  await start();
  await until('it has told', () => hasSaid(events, 'orders', 'START_FD is undefined'));
});

test('kill -9 of the tool while it waits leaves no process', async () => {
  const [users = 0, orders = 0] = await freePorts(2);
  const plan = planOf([gated(users, join(temporaryFolder(), 'never')), early(orders)]);
  const child = await beginElsewhere(plan);
  await until('both have processes', () => {
    const services = existsSync(join(plan.stateDir, 'state.json')) ? readState(plan.stateDir)?.services : [];
    return services?.filter(({ pid }) => pid !== undefined).length === 2;
  });
  const pids = readState(plan.stateDir)?.services.flatMap(({ pid }) => pid ?? []) ?? [];
  child.kill('SIGKILL');
  await until('the services are gone', async () => (await living(pids)).length === 0);
  await until('the state says so', () => readState(plan.stateDir)?.phase === 'stopped');
});
