import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OwnService } from '../../src/config/project.ts';
import { eventOf, freePort, isRunning, own, pidOf, temporaryFolder, trial, until } from './support.ts';

const soon = { backoffMs: 1, limitMs: 4 };

async function restarting(policy: 'on-failure' | 'always', facts: Partial<OwnService> = {}) {
  const port = await freePort();
  const users = own('users', 'listens.mjs', { port, restart: { policy, ...soon }, ...facts });
  const { start, events, story } = trial([users]);
  const running = await start();
  const first = pidOf(running, 'users');
  return { running, events, story, first, exit: () => fetch(`http://127.0.0.1:${port}/exit`) };
}

test.each(['on-failure', 'always'] as const)('a service that fails is started again (%s)', async (policy) => {
  const { running, events, story, first, exit } = await restarting(policy);
  await exit();
  await until(
    'it is ready again',
    () => story().filter((line) => line === 'service-ready users').length === 2,
  );
  expect(story()).toEqual([
    'service-starting users',
    'service-ready users',
    'service-exited users',
    'service-restarting users',
    'service-starting users',
    'service-ready users',
  ]);
  expect(eventOf(events, 'service-restarting', 'users')).toMatchObject({ attempt: 1 });
  const [users] = running.services();
  expect(users).toMatchObject({ state: 'ready', restarts: 1, exit: { code: 7 } });
  expect(pidOf(running, 'users')).not.toBe(first);
  await running.stop();
  expect(running.services()[0]).toMatchObject({ state: 'stopped' });
  expect(await isRunning(users?.pid ?? 0)).toBe(false);
});

test('one that ends well is left alone on-failure, and the run has ended', async () => {
  const { running, story } = await restarting('on-failure', { env: { EXIT: '0' } });
  const { port } = running.services()[0] ?? {};
  await fetch(`http://127.0.0.1:${port}/exit`);
  await running.allEnded;
  expect(story()).not.toContain('service-restarting users');
});

test('attempts that fail are followed by others, until one succeeds', async () => {
  const folder = temporaryFolder();
  const broken = join(folder, 'broken');
  const count = join(folder, 'starts');
  const { running, story, exit } = await restarting('always', { env: { BROKEN: broken, STARTS: count } });
  writeFileSync(broken, '');
  await exit();
  await until('it has tried three times', () => readFileSync(count, 'utf8').length >= 4);
  expect(['restarting', 'starting']).toContain(running.services()[0]?.state);
  writeFileSync(broken, 'no');
  await until('it is ready', () => running.services()[0]?.state === 'ready');
  expect(running.services()[0]?.restarts).toBeGreaterThanOrEqual(3);
  expect(story().filter((line) => line === 'service-exited users')).toHaveLength(1);
});

test('one that waits to be started again is stopped like any other', async () => {
  const { running, story, exit } = await restarting('always', {
    restart: { policy: 'always', backoffMs: 600_000, limitMs: 600_000 },
  });
  await exit();
  await until('it waits', () => story().includes('service-restarting users'));
  await running.stop();
  expect(running.services()[0]?.state).toBe('stopped');
});

test('one that ends while it starts fails the start whatever its policy', async () => {
  const dies = own('dies', 'dies.mjs', { port: await freePort(), restart: { policy: 'always', ...soon } });
  const { startError, story } = trial([dies]);
  expect((await startError()).message).toContain('exit code 4');
  expect(story()).not.toContain('service-restarting dies');
});
