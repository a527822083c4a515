import { expect, test } from 'vitest';
import { lockDir, lockHolder } from '../../src/topology/lock.ts';
import { processTable } from '../../src/topology/platform.ts';
import { groupMembers } from '../../src/topology/process-group.ts';
import { readState } from '../../src/topology/state.ts';
import {
  eventOf,
  freePort,
  freePorts,
  isRunning,
  listenOn,
  living,
  own,
  pidOf,
  trial,
  until,
} from './support.ts';

test('stopping goes dependants first and leaves neither process nor port', async () => {
  const [users, orders] = await freePorts(2);
  const { start, story, plan } = trial([
    own('users', 'listens.mjs', { port: users ?? 0 }),
    own('orders', 'listens.mjs', { port: orders ?? 0, needs: ['users'] }),
  ]);
  const running = await start();
  const pids = [pidOf(running, 'users'), pidOf(running, 'orders')];
  expect(await running.stop()).toEqual([
    { service: 'orders', how: 'terminated' },
    { service: 'users', how: 'terminated' },
  ]);
  expect(story().slice(-4)).toEqual([
    'service-stopping orders',
    'service-stopped orders',
    'service-stopping users',
    'service-stopped users',
  ]);
  expect(await living(pids)).toEqual([]);
  for (const port of [users, orders]) await (await listenOn(port ?? 0)).close();
  expect(readState(plan.stateDir)).toMatchObject({ phase: 'stopped' });
  expect(await lockHolder(lockDir(plan.stateDir), processTable())).toBeUndefined();
});

test('a service that ignores SIGTERM is killed after its grace', async () => {
  const { start } = trial([
    own('users', 'ignores-sigterm.mjs', { port: await freePort(), stopGraceMs: 150 }),
  ]);
  const running = await start();
  const pid = pidOf(running, 'users');
  expect(await running.stop()).toEqual([{ service: 'users', how: 'killed' }]);
  expect(await isRunning(pid)).toBe(false);
});

test('a second interruption ends the grace at once', async () => {
  const { start, hurry, story } = trial([
    own('users', 'ignores-sigterm.mjs', { port: await freePort(), stopGraceMs: 600_000 }),
  ]);
  const running = await start();
  const stopped = running.stop();
  await until('it is being stopped', () => story().includes('service-stopping users'));
  hurry.abort();
  expect(await stopped).toEqual([{ service: 'users', how: 'killed' }]);
});

test('a child that outlives its service is ended with the group', async () => {
  const { start } = trial([own('users', 'leaves-child.mjs', { port: await freePort(), stopGraceMs: 300 })]);
  const running = await start();
  const pid = pidOf(running, 'users');
  expect(await groupMembers(pid, processTable())).toHaveLength(2);
  expect(await running.stop()).toEqual([{ service: 'users', how: 'killed' }]);
  expect(await groupMembers(pid, processTable())).toEqual([]);
});

test('a suspended service is ended as well', async () => {
  const { start } = trial([own('users', 'listens.mjs', { port: await freePort() })]);
  const running = await start();
  process.kill(pidOf(running, 'users'), 'SIGSTOP');
  expect(await running.stop()).toEqual([{ service: 'users', how: 'terminated' }]);
});

test('an abort while services start leaves nothing behind', async () => {
  const [users, orders] = await freePorts(2);
  const { startError, abort, story, events, plan } = trial([
    own('users', 'listens.mjs', { port: users ?? 0 }),
    own('orders', 'never-listens.sh', { port: orders ?? 0, needs: ['users'] }),
  ]);
  const failed = startError();
  await until('the second one starts', () => story().includes('service-starting orders'));
  abort.abort('SIGINT');
  const error = await failed;
  expect(error.code).toBe('interrupted');
  expect(error.exitCode).toBe(130);
  const pids = ['users', 'orders'].map((name) => eventOf(events, 'service-starting', name).pid ?? 0);
  expect(await living(pids)).toEqual([]);
  expect(story()).not.toContain('service-failed orders');
  expect(await lockHolder(lockDir(plan.stateDir), processTable())).toBeUndefined();
});

test('an abort before the start starts nothing', async () => {
  const { startError, abort, story } = trial([own('users', 'listens.mjs', { port: await freePort() })]);
  abort.abort('SIGINT');
  expect((await startError()).code).toBe('interrupted');
  expect(story()).toEqual([]);
});

test('a descendant in a session of its own is ended as well', async () => {
  const port = await freePort();
  const { start } = trial([own('users', 'breaks-away.mjs', { port })]);
  const running = await start();
  expect(await running.stop()).toEqual([{ service: 'users', how: 'terminated' }]);
  await (await listenOn(port)).close();
});
