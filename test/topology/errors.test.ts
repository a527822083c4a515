import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderError, type ShopctlError } from '../../src/errors/index.ts';
import { startDetached } from '../../src/topology/detach.ts';
import { describeSight } from '../../src/topology/probes/sight.ts';
import { errorFrom, freePort, freePorts, listenOn, own, planOf, temporaryFolder, trial } from './support.ts';

/** The error as the user reads it, without what differs from run to run. */
function golden(error: ShopctlError, root = '<none>'): string {
  return renderError(error, false)
    .replaceAll(root, '<folder>')
    .replaceAll(/pid \d+ \(.*\)/g, 'pid <pid> (<command>)')
    .replaceAll(/pid \d+/g, 'pid <pid>')
    .replaceAll(/`kill \d+`/g, '`kill <pid>`')
    .replaceAll(/(port |127\.0\.0\.1:|variable \()\d+/g, '$1<port>')
    .replaceAll(/since \d{4}-\S+Z/g, 'since <time>')
    .replaceAll(/after [\d.]+ m?s/g, 'after <duration>');
}

const goldenFile = (name: string) => `../golden/topology-${name}.txt`;

test('the error of a taken port', async () => {
  const [one, two] = await freePorts(2);
  const listeners = [await listenOn(one ?? 0), await listenOn(two ?? 0)];
  const both = await trial([
    own('users', 'listens.mjs', { port: one ?? 0 }),
    own('orders', 'listens.mjs', { port: two ?? 0 }),
  ]).startError();
  const single = await trial([own('users', 'listens.mjs', { port: one ?? 0 })]).startError();
  await Promise.all(listeners.map(({ close }) => close()));
  await expect(golden(single)).toMatchFileSnapshot(goldenFile('port-taken'));
  await expect(golden(both)).toMatchFileSnapshot(goldenFile('ports-taken'));
});

test('the error of a project that runs already', async () => {
  const first = trial([own('users', 'listens.mjs', { port: await freePort() })]);
  await first.start();
  const error = await trial(first.plan.services, first.plan.root).startError();
  await expect(golden(error)).toMatchFileSnapshot(goldenFile('already-running'));
});

test('the error of a program that is not there', async () => {
  const error = await trial([own('users', '', { command: ['no-such-program'] })]).startError();
  await expect(golden(error)).toMatchFileSnapshot(goldenFile('program-not-started'));
});

test('the error of a service that dies', async () => {
  // On one stream only: two pipes have no certain order.
  const script = "console.error('connecting …\\nError: no database'); process.exitCode = 4";
  const command = [process.execPath, '-e', script] as const;
  const error = await trial([own('users', '', { port: await freePort(), command })]).startError();
  await expect(golden(error)).toMatchFileSnapshot(goldenFile('service-failed'));
});

test('the error of a service that never gets ready', async () => {
  const port = await freePort();
  const error = await trial([own('users', 'never-listens.sh', { port, timeoutMs: 4_000 })]).startError();
  await expect(golden(error)).toMatchFileSnapshot(goldenFile('service-not-ready'));
});

test('the error of a state folder that cannot be one', async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, '.shopctl'), 'a file');
  const error = await trial([own('users', 'listens.mjs')], root).startError();
  await expect(golden(error, root)).toMatchFileSnapshot(goldenFile('state-unusable'));
});

test('the error of a background process that dies', async () => {
  const plan = planOf([]);
  const supervisor = new URL('../fixtures/processes/dies.mjs', import.meta.url);
  const { signal } = new AbortController();
  const error = await errorFrom(startDetached(plan, { signal, supervisor, onEvent: () => undefined }));
  await expect(golden(error, plan.root)).toMatchFileSnapshot(goldenFile('supervisor-lost'));
});

test('every sight of a probe ends a sentence', () => {
  expect(
    [
      { kind: 'answers', address: '127.0.0.1' } as const,
      { kind: 'status', status: 503 } as const,
      { kind: 'refused' } as const,
      { kind: 'silent', afterMs: 2_000 } as const,
      { kind: 'error', message: 'socket hang up' } as const,
    ].map(describeSight),
  ).toEqual([
    'answered',
    'answered with status 503',
    'refused the connection: nothing listens there',
    'did not answer within 2 s',
    'failed: socket hang up',
  ]);
});
