import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ServiceEvent } from '../../src/model/index.ts';
import { startDetached } from '../../src/topology/detach.ts';
import type { TopologyPlan } from '../../src/topology/plan.ts';
import { attach, readStatus } from '../../src/topology/running.ts';
import { startTopology } from '../../src/topology/start-topology.ts';
import { stopRunning } from '../../src/topology/stop-running.ts';
import { superviseElsewhere, suspendWatchdog } from './supervise-elsewhere.ts';
import {
  errorFrom,
  freePort,
  freePorts,
  isRunning,
  living,
  own,
  planOf,
  programs,
  until,
} from './support.ts';

const { supervisor, watchdog } = programs;
const never = new AbortController().signal;
const quietly = { signal: never, watchdog, onEvent: () => undefined };

function stopAtEnd(plan: TopologyPlan): void {
  onTestFinished(async () => {
    await stopRunning(plan, { signal: never, volumes: false });
  });
}

async function twoServices(): Promise<TopologyPlan> {
  const [users, orders] = await freePorts(2);
  return planOf([
    own('users', 'listens.mjs', { port: users ?? 0 }),
    own('orders', 'listens.mjs', { port: orders ?? 0, needs: ['users'] }),
  ]);
}

test('a detached topology lives on, is seen by others, and is stopped by them', async () => {
  const plan = await twoServices();
  stopAtEnd(plan);
  const events: ServiceEvent[] = [];
  const { supervisorPid } = await startDetached(plan, {
    signal: never,
    supervisor,
    onEvent: (event) => {
      events.push(event);
    },
  });
  expect(events.map(({ type, service }) => `${type} ${service}`)).toEqual([
    'service-starting users',
    'service-ready users',
    'service-starting orders',
    'service-ready orders',
  ]);
  const status = await readStatus(plan);
  expect(status).toMatchObject({ phase: 'up', supervisor: { pid: supervisorPid, detached: true } });
  expect(status.services.map(({ state }) => state)).toEqual(['ready', 'ready']);
  expect((await attach(plan))?.services()).toEqual(status.services);

  const pids = status.services.map(({ pid }) => pid ?? 0);
  const report = await stopRunning(plan, { signal: never, volumes: false });
  expect(report).toEqual({
    supervisor: supervisorPid,
    deletedData: false,
    stopped: [
      { service: 'orders', how: 'terminated' },
      { service: 'users', how: 'terminated' },
    ],
  });
  await until('the supervisor is gone', async () => !(await isRunning(supervisorPid)));
  expect(await living(pids)).toEqual([]);
  expect(await readStatus(plan)).toMatchObject({
    phase: 'stopped',
    services: [{ state: 'stopped' }, { state: 'stopped' }],
  });
  expect(await attach(plan)).toBeUndefined();
});

test('secrets reach the service and stand neither in the state nor on a command line', async () => {
  const script =
    "console.log(process.env.TOKEN.length); require('node:http').createServer((q,r)=>r.end()).listen(process.env.PORT)";
  const port = await freePort();
  const plan = planOf([
    own('users', '', { port, command: [process.execPath, '-e', script], env: { TOKEN: 'very-secret' } }),
  ]);
  stopAtEnd(plan);
  const { supervisorPid } = await startDetached(plan, { ...quietly, supervisor });
  const commandLine = readFileSync(`/proc/${supervisorPid}/cmdline`, 'utf8');
  const state = readFileSync(join(plan.stateDir, 'state.json'), 'utf8');
  expect(`${commandLine}${state}`).not.toContain('very-secret');
  const log = () => readFileSync(join(plan.stateDir, 'logs', 'users.log'), 'utf8');
  await until('it has spoken', () => log().trim().endsWith(' 11'));
});

test('a failing detached start reports the error of the service and leaves nothing', async () => {
  const plan = planOf([own('users', 'dies.mjs', { port: await freePort() })]);
  const error = await errorFrom(startDetached(plan, { ...quietly, supervisor }));
  expect(error.code).toBe('service-failed');
  expect(error.message).toContain('exit code 4');
  expect(error.detail).toContain('Error: no database');
  await until('nobody holds the project', async () => (await readStatus(plan)).supervisor === undefined);
});

test('an abort of a detached start stops what was started', async () => {
  const plan = planOf([own('users', 'never-listens.sh', { port: await freePort() })]);
  stopAtEnd(plan);
  const abort = new AbortController();
  let pid = 0;
  const failed = errorFrom(
    startDetached(plan, {
      signal: abort.signal,
      supervisor,
      onEvent: (event) => {
        if (event.type === 'service-starting') pid = event.pid ?? 0;
      },
    }),
  );
  await until('it starts', () => pid !== 0);
  abort.abort('SIGINT');
  expect((await failed).code).toBe('interrupted');
  expect(await isRunning(pid)).toBe(false);
});

test('a supervisor that dies at once is reported with its log', async () => {
  const plan = planOf([]);
  const broken = new URL('../fixtures/processes/dies.mjs', import.meta.url);
  const error = await errorFrom(startDetached(plan, { ...quietly, supervisor: broken }));
  expect(error.code).toBe('supervisor-lost');
  expect(error.detail).toContain('Error: no database');
});

test('a supervisor whose log cannot be written is not started', async () => {
  const plan = await twoServices();
  mkdirSync(join(plan.stateDir, 'supervisor.log'), { recursive: true });
  const error = await errorFrom(startDetached(plan, { ...quietly, supervisor }));
  expect(error).toMatchObject({ code: 'state-unusable', exitCode: 3 });
});

test('a second start is refused with who holds the project and how to stop it', async () => {
  const plan = await twoServices();
  const { supervisorPid } = await startDetached(plan, { ...quietly, supervisor });
  stopAtEnd(plan);
  const error = await errorFrom(startTopology(plan, quietly));
  expect(error.code).toBe('already-running');
  expect(error.exitCode).toBe(3);
  expect(error.message).toMatch(
    new RegExp(`^trial already runs with the topology all since \\d{4}-.*Z: pid ${supervisorPid} holds it$`),
  );
  expect(error.hint).toBe('watch that one with `shopctl up --attach`, or stop it with `shopctl down`');
});

test('attaching to another topology, to another address, or to a broken one is refused with the reason', async () => {
  const [users, orders, other] = await freePorts(3);
  const plan = planOf([
    own('users', 'listens.mjs', { port: users ?? 0 }),
    own('orders', 'listens.mjs', { port: orders ?? 0 }),
  ]);
  await startDetached(plan, { ...quietly, supervisor });
  stopAtEnd(plan);
  expect((await errorFrom(attach({ ...plan, topology: 'small' }))).message).toContain(
    'with the topology all instead of small',
  );
  const moved = { ...plan, services: [own('users', 'listens.mjs', { port: other ?? 0 })] };
  expect((await errorFrom(attach(moved))).message).toContain('not what the configuration says now');
  const more = { ...plan, services: [...plan.services, own('mail', 'listens.mjs')] };
  expect((await errorFrom(attach(more))).message).toContain('without mail');
  await fetch(`http://127.0.0.1:${users}/exit`);
  await until('the exit is known', async () => {
    return (await readStatus(plan)).services[0]?.exit !== undefined;
  });
  expect((await errorFrom(attach(plan))).message).toContain('users is exited');
});

test('what runs in the foreground of another terminal is stopped from here', async () => {
  const plan = await twoServices();
  const child = await superviseElsewhere(plan);
  const report = await stopRunning(plan, { signal: never, volumes: false });
  expect(report.supervisor).toBe(child.pid);
  expect(report.stopped.map(({ service }) => service)).toEqual(['orders', 'users']);
});

test('a supervisor that crashes takes its services with it', async () => {
  const plan = await twoServices();
  const child = await superviseElsewhere(plan, { stderr: 'ignore' });
  const pids = (await readStatus(plan)).services.map(({ pid }) => pid ?? 0);
  child.kill('SIGUSR2');
  await once(child, 'exit');
  await until('the services are gone', async () => (await living(pids)).length === 0);
  expect((await readStatus(plan)).services.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
});

test('services of a supervisor that was killed with its watchdog show as orphaned, and the next start replaces them', async () => {
  const plan = await twoServices();
  const child = await superviseElsewhere(plan);
  await suspendWatchdog(child);
  const pids = (await readStatus(plan)).services.map(({ pid }) => pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const status = await readStatus(plan);
  expect(status.supervisor).toBeUndefined();
  expect(status.services.map(({ state }) => state)).toEqual(['orphaned', 'orphaned']);

  const reaped: string[] = [];
  const running = await startTopology(plan, {
    signal: never,
    watchdog,
    onEvent: (event) => {
      if (event.type === 'service-reaped') reaped.push(event.service);
    },
  });
  onTestFinished(async () => {
    await running.stop();
  });
  expect(reaped.sort()).toEqual(['orders', 'users']);
  expect(await living(pids)).toEqual([]);
  expect(running.services().map(({ state }) => state)).toEqual(['ready', 'ready']);
});

test('a suspended supervisor is woken up and stops its services', async () => {
  const plan = await twoServices();
  const child = await superviseElsewhere(plan);
  const pids = (await readStatus(plan)).services.map(({ pid }) => pid ?? 0);
  child.kill('SIGSTOP');
  const report = await stopRunning(plan, { signal: never, volumes: false });
  expect(report.stopped.map(({ service, how }) => [service, how])).toEqual([
    ['orders', 'terminated'],
    ['users', 'terminated'],
  ]);
  expect(await living(pids)).toEqual([]);
  // Killed by us after a wait, it would not have come to an end of its own.
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBeNull();
});

test('down ends the services of a supervisor that was killed with its watchdog', async () => {
  const plan = await twoServices();
  const child = await superviseElsewhere(plan);
  await suspendWatchdog(child);
  const pids = (await readStatus(plan)).services.map(({ pid }) => pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const report = await stopRunning(plan, { signal: never, volumes: false });
  expect(report.supervisor).toBeUndefined();
  expect(report.stopped.map(({ how }) => how)).toEqual(['terminated', 'terminated']);
  await until('the processes are gone', async () => (await living(pids)).length === 0);
  expect((await readStatus(plan)).services.map(({ state }) => state)).toEqual(['stopped', 'stopped']);
});

test('a recorded pid that another process has now is left alone', async () => {
  const plan = await twoServices();
  const child = await superviseElsewhere(plan);
  child.kill('SIGTERM');
  await once(child, 'exit');
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], {
    detached: true,
    stdio: 'ignore',
  });
  onTestFinished(() => {
    stranger.kill('SIGKILL');
  });
  const file = join(plan.stateDir, 'state.json');
  const state: { services: { pid?: number; startTime?: string }[] } = JSON.parse(readFileSync(file, 'utf8'));
  const services = state.services.map((service) => ({
    ...service,
    pid: stranger.pid,
    startTime: '1.00000000',
  }));
  writeFileSync(file, JSON.stringify({ ...state, services }));
  expect((await stopRunning(plan, { signal: never, volumes: false })).stopped).toEqual([]);
  expect(await isRunning(stranger.pid ?? 0)).toBe(true);
});

test('down --volumes deletes what the services stored, and nothing that a link points to', async () => {
  const plan = planOf([own('users', 'listens.mjs')]);
  const data = join(plan.stateDir, 'data');
  mkdirSync(join(data, 'deep'), { recursive: true });
  writeFileSync(join(data, 'deep', 'users.db'), 'rows');
  const down = () => stopRunning(plan, { signal: never, volumes: true });
  expect(await down()).toEqual({ stopped: [], deletedData: true });
  expect(await down()).toEqual({ stopped: [], deletedData: false });

  const precious = join(plan.root, 'precious');
  mkdirSync(precious);
  writeFileSync(join(precious, 'thesis'), 'text');
  symlinkSync(precious, data);
  expect((await errorFrom(down())).message).toBe(
    `${data} is not a folder of its own but leads elsewhere; it was not deleted`,
  );
  expect(readFileSync(join(precious, 'thesis'), 'utf8')).toBe('text');
});

test('down where nothing ever ran does nothing', async () => {
  expect(await stopRunning(planOf([]), { signal: never, volumes: true })).toEqual({
    stopped: [],
    deletedData: false,
  });
});
