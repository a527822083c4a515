import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OwnService } from '../../src/config/project.ts';
import { attach } from '../../src/topology/running.ts';
import { eventOf, freePort, own, temporaryFolder, trial, until } from './support.ts';

const job = (name: string, facts: Partial<OwnService> = {}, timeoutMs = 600_000) =>
  own(name, 'does-a-job.mjs', {
    ready: { probe: { kind: 'exit' }, everyMs: 10, timeoutMs },
    ...facts,
  });

test('what needs a job starts when the job has ended with exit code 0, and the job counts as completed', async () => {
  const users = own('users', 'listens.mjs', { port: await freePort(), needs: ['migrate'] });
  const { start, story, plan, events } = trial([job('migrate'), users]);
  const running = await start();
  expect(story()).toEqual([
    'service-starting migrate',
    'service-completed migrate',
    'service-starting users',
    'service-ready users',
  ]);
  const [migrate] = running.services();
  expect(migrate).toMatchObject({ name: 'migrate', state: 'completed', exit: { code: 0 } });
  expect(eventOf(events, 'service-completed', 'migrate').tookMs).toBeGreaterThan(0);
  await until('its process is forgotten', () => running.services()[0]?.pid === undefined);
  await expect(attach(plan)).resolves.toBeDefined();
  await running.stop();
  expect(running.services().map(({ state }) => state)).toEqual(['completed', 'stopped']);
});

test('a job that fails fails the start with its exit code and its last lines, and nothing that needs it is started', async () => {
  const users = own('users', 'listens.mjs', { port: await freePort(), needs: ['migrate'] });
  const { startError, story } = trial([job('migrate', { env: { CODE: '4' } }), users]);
  const error = await startError();
  expect(error.code).toBe('service-failed');
  expect(error.message).toMatch(/^the job migrate failed: exit code 4 after /);
  expect(error.detail).toContain('done');
  expect(story()).not.toContain('service-starting users');
});

test('a job that takes longer than it may is ended', async () => {
  const gate = join(temporaryFolder(), 'never');
  const { startError, story } = trial([job('migrate', { env: { GATE: gate } }, 50)]);
  const error = await startError();
  expect(error.code).toBe('service-not-ready');
  expect(error.message).toBe('the job migrate was not done within 50 ms');
  expect(story().at(-1)).toBe('service-stopped migrate');
});

test('a service that is to be only started is not waited for any longer', async () => {
  const root = temporaryFolder();
  const gate = join(root, 'gate');
  const slow = own('slow', 'listens-after.mjs', { port: await freePort(), env: { GATE: gate } });
  const users = own('users', 'listens.mjs', {
    port: await freePort(),
    needs: ['slow'],
    needsStarted: ['slow'],
  });
  const { start, story } = trial([slow, users], root);
  const started = start();
  await until('users is ready', () => story().includes('service-ready users'));
  expect(story()).not.toContain('service-ready slow');
  writeFileSync(gate, '');
  await started;
});

test('jobs alone: the run has ended when they have', async () => {
  const running = await trial([job('migrate'), job('seed', { needs: ['migrate'] })]).start();
  await running.allEnded;
  expect(running.services().map(({ state }) => state)).toEqual(['completed', 'completed']);
});
