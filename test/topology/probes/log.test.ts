import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Probe } from '../../../src/config/probe-spec.ts';
import type { OwnService, Readiness } from '../../../src/config/project.ts';
import { freePort, own, pidOf, temporaryFolder, trial, until } from '../support.ts';

/** A service that says what is appended to a script, and listens when told so. */
function speaker(
  probe: Readiness['probe'],
  { timeoutMs = 30_000, ...facts }: Partial<OwnService> & { timeoutMs?: number } = {},
) {
  const root = temporaryFolder();
  const files = { script: join(root, 'script'), gate: join(root, 'gate') };
  const spec = own('users', 'speaks.mjs', { ...facts, env: { SCRIPT: files.script, GATE: files.gate } });
  const tried = trial([{ ...spec, ready: { probe, everyMs: 5, timeoutMs } }], root);
  const said = (text: string) =>
    tried.events.some(
      (event) => event.type === 'log-lines' && event.lines.some((line) => line.text.includes(text)),
    );
  return { ...tried, ...files, said, isReady: () => tried.story().includes('service-ready users') };
}

const text = (words: string): Probe<'log'> => ({ kind: 'log', text: words });

test('a service is ready when a whole line of its output has the text', async () => {
  const { start, script, said, isReady } = speaker(text('now listening'));
  const started = start();
  writeFileSync(script, 'starting\nnow listening');
  await until('the line before was read', () => said('starting'));
  appendFileSync(script, ' on 8001\nmore\n');
  await started;
  expect(isReady()).toBe(true);
  expect(said('now listening on 8001')).toBe(true);
});

test('a line that has not ended yet does not count', async () => {
  const { startError, script } = speaker(text('listening'), { timeoutMs: 700 });
  writeFileSync(script, 'one line\nlistening');
  const error = await startError();
  expect(error.message).toBe(
    'users was not ready within 700 ms: the output of users has no line with "listening" since this start',
  );
  expect(error.hint).toContain('`shopctl logs users`');
});

test('a regular expression is searched for in every line, without its colours', async () => {
  const { start, script, isReady } = speaker({
    kind: 'log',
    pattern: '^ready in \\d+ ms$',
    ignoresCase: true,
  });
  writeFileSync(script, 'ready in a moment\n\u001b[32mREADY\u001b[0m in 12 ms\r\n');
  await start();
  expect(isReady()).toBe(true);
});

test('a pattern that takes for ever is given up and named', async () => {
  const { startError, script } = speaker(
    { kind: 'log', pattern: '^(a+)+$', ignoresCase: false },
    { timeoutMs: 600_000 },
  );
  writeFileSync(script, `${'a'.repeat(60)}!\n`);
  const error = await startError();
  expect(error.message).toMatch(
    /^users cannot become ready: the output of users was searched for \/\^\(a\+\)\+\$\//,
  );
  expect(error.hint).toContain('simpler');
});

test('with a port the line alone is not enough: its own processes have to listen there', async () => {
  const port = await freePort();
  const { start, script, gate, said, isReady } = speaker(text('listening'), { port });
  const started = start();
  writeFileSync(script, 'listening\n');
  await until('the line was read', () => said('listening'));
  expect(isReady()).toBe(false);
  writeFileSync(gate, '');
  await started;
  expect(isReady()).toBe(true);
});

test('that nobody listens although the line is there is what the error says', async () => {
  const port = await freePort();
  const { startError, script } = speaker(text('listening'), { port, timeoutMs: 5_000 });
  writeFileSync(script, 'listening\n');
  expect((await startError()).message).toBe(
    `users was not ready within 5 s: what \`ready\` asks for holds, but http://127.0.0.1:${port} refused the connection: nothing listens there`,
  );
});

test('several probes all have to hold', async () => {
  const port = await freePort();
  const { start, script, gate, isReady } = speaker(
    { kind: 'all', probes: [text('listening'), { kind: 'http', path: '/' }] },
    { port },
  );
  const started = start();
  writeFileSync(gate, '');
  await until('it answers', () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    ),
  );
  expect(isReady()).toBe(false);
  writeFileSync(script, 'listening\n');
  await started;
  expect(isReady()).toBe(true);
});

test('a service that is started again has to say it again', async () => {
  const { start, script, story } = speaker(text('listening'), {
    restart: { policy: 'always', backoffMs: 1, limitMs: 4 },
  });
  writeFileSync(script, 'listening\n');
  const running = await start();
  writeFileSync(script, 'quiet\n');
  process.kill(pidOf(running, 'users'), 'SIGKILL');
  await until(
    'it runs again',
    () => story().filter((line) => line === 'service-starting users').length === 2,
  );
  expect(story().filter((line) => line === 'service-ready users')).toHaveLength(1);
  appendFileSync(script, 'listening\n');
  await until(
    'it is ready again',
    () => story().filter((line) => line === 'service-ready users').length === 2,
  );
});
