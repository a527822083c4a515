import { once } from 'node:events';
import { copyFileSync, cpSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startDetached } from '../../src/topology/detach.ts';
import type { TopologyPlan } from '../../src/topology/plan.ts';
import { processTable } from '../../src/topology/platform.ts';
import { readStatus } from '../../src/topology/running.ts';
import { startTopology } from '../../src/topology/start-topology.ts';
import { readState } from '../../src/topology/state.ts';
import { stopRunning } from '../../src/topology/stop-running.ts';
import { beginElsewhere, superviseElsewhere, watchdogOf } from './supervise-elsewhere.ts';
import { freePorts, isRunning, living, own, planOf, programs, until } from './support.ts';

const never = new AbortController().signal;

/** Four ways not to go easily: one does, one ignores SIGTERM, one leaves a stubborn child, one leaves its session. */
async function unruly(): Promise<TopologyPlan> {
  const [users = 0, orders = 0, cart = 0] = await freePorts(3);
  return planOf([
    own('users', 'listens.mjs', { port: users }),
    own('stubborn', 'ignores-sigterm.mjs', { stopGraceMs: 600_000 }),
    own('orders', 'leaves-child.mjs', { port: orders, needs: ['users'] }),
    own('cart', 'runs-away.mjs', { env: { PORT: String(cart) } }),
  ]);
}

/** Every process that stems from the services of a run, wherever it has gone. */
async function processesOf(plan: TopologyPlan): Promise<number[]> {
  const { run } = JSON.parse(readFileSync(join(plan.stateDir, 'state.json'), 'utf8'));
  return living(await processTable().bearers(run));
}

async function expectNothingLeft(plan: TopologyPlan, pids: readonly number[]): Promise<void> {
  await until('the services are gone', async () => (await living(pids)).length === 0);
  await until('nothing else is left', async () => (await processesOf(plan)).length === 0);
  // The last that a watchdog does.
  await until('the state says so', () => readState(plan.stateDir)?.phase === 'stopped');
  const { services } = await readStatus(plan);
  expect(services.filter(({ state, pid }) => state === 'orphaned' || pid !== undefined)).toEqual([]);
}

async function expectNextStart(plan: TopologyPlan): Promise<void> {
  const running = await startTopology(plan, {
    signal: never,
    watchdog: programs.watchdog,
    onEvent: () => undefined,
  });
  expect(running.services().map(({ state }) => state)).toEqual(plan.services.map(() => 'ready'));
  await running.stop();
}

test('kill -9 of the tool while all are ready leaves no process, and the next start works', async () => {
  const plan = await unruly();
  const child = await superviseElsewhere(plan);
  const pids = await processesOf(plan);
  expect(pids.length).toBeGreaterThanOrEqual(6);
  child.kill('SIGKILL');
  await expectNothingLeft(plan, pids);
  await expectNextStart({ ...plan, services: plan.services.filter(({ name }) => name !== 'stubborn') });
});

test('kill -9 of the tool while it starts services leaves no process', async () => {
  const [users = 0, orders = 0] = await freePorts(2);
  const plan = planOf([
    own('users', 'listens.mjs', { port: users }),
    own('orders', 'never-listens.sh', { port: orders, needs: ['users'], timeoutMs: 600_000 }),
  ]);
  const child = beginElsewhere(plan);
  await until('orders is starting', async () =>
    (await readStatus(plan)).services.some(({ name, pid }) => name === 'orders' && pid !== undefined),
  );
  const pids = await processesOf(plan);
  child.kill('SIGKILL');
  await expectNothingLeft(plan, pids);
});

test('kill -9 of the tool while it stops services leaves no process', async () => {
  const plan = planOf([own('stubborn', 'ignores-sigterm.mjs', { stopGraceMs: 600_000 })]);
  const child = await superviseElsewhere(plan);
  const pids = await processesOf(plan);
  child.kill('SIGTERM');
  await until('it is stopping', async () => (await readStatus(plan)).phase === 'stopping');
  child.kill('SIGKILL');
  await expectNothingLeft(plan, pids);
});

test('kill -9 of the background process of a detached start leaves no process', async () => {
  const plan = await unruly();
  const { supervisorPid } = await startDetached(plan, {
    signal: never,
    supervisor: programs.supervisor,
    onEvent: () => undefined,
  });
  onTestFinished(async () => {
    await stopRunning(plan, { signal: never, volumes: false });
  });
  const pids = await processesOf(plan);
  process.kill(supervisorPid, 'SIGKILL');
  await expectNothingLeft(plan, pids);
});

test('a watchdog that is killed is replaced by another, which does its work', async () => {
  const plan = await unruly();
  const child = await superviseElsewhere(plan);
  const first = (await watchdogOf(child)) ?? 0;
  process.kill(first, 'SIGKILL');
  await until('there is another watchdog', async () => {
    const now = await watchdogOf(child);
    return now !== undefined && now !== first;
  });
  const pids = await processesOf(plan);
  child.kill('SIGKILL');
  await expectNothingLeft(plan, pids);
});

test('a watchdog that waits does its work although its program has been taken away since', async () => {
  const plan = planOf([own('orders', 'leaves-child.mjs')]);
  const program = join(plan.root, 'watchdog.cjs');
  copyFileSync(programs.watchdog, program);
  const child = await superviseElsewhere(plan, { watchdog: pathToFileURL(program) });
  rmSync(program);
  const pids = await processesOf(plan);
  expect(pids.length).toBeGreaterThanOrEqual(2);
  child.kill('SIGKILL');
  await expectNothingLeft(plan, pids);
});

test('where its program is missing, the start says once that there is no watchdog, why, and what that means', async () => {
  const plan = planOf([own('orders', 'talks.mjs')]);
  const missing = join(plan.root, 'no-watchdog.cjs');
  const told: string[] = [];
  const running = await startTopology(plan, {
    signal: never,
    watchdog: pathToFileURL(missing),
    onTrouble: (sentence) => told.push(sentence),
    onEvent: () => undefined,
  });
  await running.stop();
  expect(told).toEqual([
    `there is no watchdog: ENOENT: no such file or directory, open '${missing}'; if shopctl is killed, its services will survive it until the next \`shopctl up\` or \`shopctl down\``,
  ]);
});

test('a watchdog that ends again and again is given up, which is said once', async () => {
  const plan = planOf([own('orders', 'talks.mjs')]);
  const told: string[] = [];
  const running = await startTopology(plan, {
    signal: never,
    watchdog: programs.watchdog,
    onTrouble: (sentence) => told.push(sentence),
    onEvent: () => undefined,
  });
  const killed = new Set<number>();
  await until('it is given up', async () => {
    const now = await watchdogOf(process);
    if (now !== undefined && !killed.has(now)) {
      process.kill(now, 'SIGKILL');
      killed.add(now);
    }
    return told.length > 0;
  });
  await running.stop();
  expect(killed.size).toBe(5);
  expect(told).toEqual([expect.stringContaining('it has ended 5 times, the last time with signal SIGKILL')]);
});

test('a detached start tells its launcher, and its log, that there is no watchdog', async () => {
  const plan = planOf([own('orders', 'talks.mjs')]);
  const told: string[] = [];
  const dist = join(plan.root, 'dist');
  // The engine as it was built, without the bundles.
  cpSync(new URL('../../dist/src', import.meta.url), join(dist, 'src'), { recursive: true });
  symlinkSync(new URL('../../node_modules', import.meta.url), join(plan.root, 'node_modules'));
  copyFileSync(new URL('../../package.json', import.meta.url), join(plan.root, 'package.json'));
  await startDetached(plan, {
    signal: never,
    supervisor: pathToFileURL(join(dist, 'src/topology/supervisor-main.js')),
    onTrouble: (sentence) => told.push(sentence),
    onEvent: () => undefined,
  });
  await stopRunning(plan, { signal: never, volumes: false });
  expect(told).toEqual([expect.stringMatching(/^there is no watchdog: ENOENT: .*watchdog-main\.cjs/)]);
  expect(readFileSync(join(plan.stateDir, 'supervisor.log'), 'utf8')).toBe(`${told[0]}\n`);
});

test('what ends a terminal does not end the watchdog, and a stop in good order does', async () => {
  const plan = await unruly();
  const child = await superviseElsewhere(plan);
  const watchdog = (await watchdogOf(child)) ?? 0;
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.kill(watchdog, signal);
  expect(await isRunning(watchdog)).toBe(true);
  const pids = await processesOf(plan);
  // It ignores SIGTERM, so that a stop in good order would wait for its long grace.
  const stubborn = (await readStatus(plan)).services.find(({ name }) => name === 'stubborn')?.pid ?? 0;
  process.kill(stubborn, 'SIGKILL');
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(await living(pids)).toEqual([]);
  await until('the watchdog has gone', async () => !(await isRunning(watchdog)));
});
