import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { OwnService } from '../../src/config/project.ts';
import { eventOf, freePort, own, temporaryFolder, trial, until } from './support.ts';

interface Facts {
  port?: number;
  env?: Record<string, string>;
  probe?: OwnService['ready']['probe'];
  timeoutMs?: number;
  program?: string;
}

/** A service that is ready when it says so. */
function notifying({
  port,
  env = {},
  probe,
  timeoutMs = 30_000,
  program = 'notifies.mjs',
}: Facts): OwnService {
  const usual = port === undefined ? ({ kind: 'running' } as const) : ({ kind: 'tcp' } as const);
  return own('users', program, {
    env,
    ...(port === undefined ? {} : { port }),
    ready: { probe: probe ?? usual, everyMs: 10, timeoutMs, notify: true },
  });
}

const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );

test('a service that answers already is ready only when it says so', async () => {
  const [port, root] = [await freePort(), temporaryFolder()];
  const gate = join(root, 'gate');
  const { start, story } = trial(
    [notifying({ port, env: { GATE: gate }, probe: { kind: 'http', path: '/' } })],
    root,
  );
  const started = start();
  await until('it answers', () => answers(port));
  expect(story()).toEqual(['service-starting users']);
  writeFileSync(gate, '');
  await started;
  expect(story()).toEqual(['service-starting users', 'service-ready users']);
});

test.each([
  ['the line of systemd', 'READY=1\n'],
  ['the newline of s6', '\n'],
  ['a line after other news', 'STATUS=warming up\nREADY=1\n'],
])('%s says that it is ready', async (_, says) => {
  const { start } = trial([notifying({ port: await freePort(), env: { SAYS: says } })]);
  expect((await start()).services()[0]?.state).toBe('ready');
});

test('without a port its word is enough', async () => {
  const { start } = trial([notifying({})]);
  expect((await start()).services()[0]?.state).toBe('ready');
});

test.each(['STATUS=warming up\n', 'READY=1'])('%j is no line that says so', async (says) => {
  const { startError } = trial([
    notifying({ port: await freePort(), env: { SAYS: says }, timeoutMs: 1_500 }),
  ]);
  const error = await startError();
  expect(error.code).toBe('service-not-ready');
  expect(error.message).toBe('users was not ready within 1.5 s: it did not say so on the pipe in READY_FD');
  expect(error.hint).toContain('READY=1');
});

test('one that closes the pipe without a word fails long before its time is over', async () => {
  const { startError } = trial([
    notifying({ port: await freePort(), env: { SAYS: 'STATUS=closed' }, timeoutMs: 600_000 }),
  ]);
  const error = await startError();
  expect(error.code).toBe('service-not-ready');
  expect(error.message).toBe(
    'users cannot say any more that it is ready: it closed the pipe in READY_FD without a word',
  );
});

test('its word alone is not enough: its own process has to listen on its port', async () => {
  const [port, root] = [await freePort(), temporaryFolder()];
  const gate = join(root, 'gate');
  const { start, story, events } = trial([notifying({ port, env: { HASTY: '1', GATE: gate } })], root);
  const started = start();
  await until('it has said so', () =>
    events.some((one) => one.type === 'log-lines' && one.lines.some(({ text }) => text === 'said')),
  );
  expect(story()).toEqual(['service-starting users']);
  writeFileSync(gate, '');
  await started;
  expect(await answers(port)).toBe(true);
});

test('one that ends before it has said so has failed at once', async () => {
  const { startError } = trial([
    notifying({ port: await freePort(), program: 'dies.mjs', timeoutMs: 600_000 }),
  ]);
  expect(await startError()).toMatchObject({ code: 'service-failed' });
});

test('a service that is not asked to notify is given no pipe, whatever our own starter gave us', async () => {
  vi.stubEnv('READY_FD', '3');
  const port = await freePort();
  const { start, events } = trial([own('users', 'notifies.mjs', { port })]);
  await start();
  await until('it has told', () => events.some(({ type }) => type === 'log-lines'));
  expect(eventOf(events, 'log-lines', 'users').lines[0]?.text).toBe('READY_FD is undefined');
});
