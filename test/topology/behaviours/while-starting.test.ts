import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { freePort, temporaryFolder } from '../support.ts';
import { type Behaviour, examine } from './behaviour.ts';

const died = { exitCode: 3, state: 'failed' } as const;
const well = { exitCode: 0, state: 'ready', stop: 'terminated' } as const;

const behaviours: readonly Behaviour[] = [
  { title: 'does nothing wrong', manner: 'well', expected: well },
  {
    title: 'exits with 0 at once',
    manner: 'exits-at-once',
    expected: { ...died, says: /ended while it was starting: exit code 0.*\n.*stay in the foreground/ },
  },
  {
    title: 'exits with a code after 30 lines',
    manner: 'exits-with-a-code',
    expected: { ...died, says: /exit code 4.*its last 20 lines:\nline 11 of 30.*line 30 of 30/s },
  },
  {
    title: 'throws',
    manner: 'throws',
    expected: { ...died, says: /exit code 1.*TypeError: there is no such table: users/s },
  },
  {
    title: 'is killed',
    manner: 'kills-itself',
    expected: { ...died, says: /ended while it was starting: signal SIGKILL/ },
  },
  {
    title: 'crashes in the machine code',
    manner: 'breaks-a-pipe',
    expected: { ...died, says: /ended while it was starting: signal SIGSEGV/ },
  },
  {
    title: 'puts itself into the background, where its daemon listens',
    manner: 'becomes-a-daemon',
    expected: { ...died, says: /exit code 0.*\n.*does shy put itself in the background/ },
  },
  {
    title: 'ends and leaves its output open to a child',
    manner: 'leaves-the-pipe-to-a-child',
    expected: { ...died, says: /exit code 5.*my last words/s },
  },
  {
    title: 'ends because its input is closed',
    manner: 'waits-for-its-input',
    expected: { ...died, says: /exit code 0/ },
  },
  { title: 'listens late', manner: 'listens-late', expected: well },
  { title: 'listens on ::1 only', manner: 'listens-on-ipv6-only', expected: well },
  { title: 'listens on every address', manner: 'listens-everywhere', expected: well },
  {
    title: 'accepts and never answers',
    manner: 'never-answers',
    givenUpAfter: 'asked',
    expected: {
      ...died,
      says: /not ready within 30 s: GET .* did not answer within 2 s/,
      stop: 'terminated',
    },
  },
  {
    title: 'accepts and hangs up',
    manner: 'hangs-up',
    givenUpAfter: 'asked',
    expected: {
      ...died,
      says: /not ready within 30 s: GET .* failed: (socket hang up|read ECONNRESET)/,
      stop: 'terminated',
    },
  },
  {
    title: 'speaks another protocol',
    manner: 'speaks-no-http',
    givenUpAfter: 'asked',
    expected: { ...died, says: /not ready within 30 s: GET .* failed: Parse Error/, stop: 'terminated' },
  },
  { title: 'never ends its answer', manner: 'never-ends-its-answer', expected: well },
  {
    title: 'has nothing at the path that is asked',
    manner: 'knows-no-health',
    givenUpAfter: 'asked',
    expected: { ...died, says: /answered with status 404\n.*correct the path/, stop: 'terminated' },
  },
  {
    title: 'sends whoever asks elsewhere',
    manner: 'redirects',
    givenUpAfter: 'asked',
    expected: { ...died, says: /answered with status 302/, stop: 'terminated' },
  },
  {
    title: 'is stopped (SIGSTOP) before it listens',
    manner: 'stops-itself',
    givenUpAfter: 'good night',
    expected: { ...died, says: /nothing listens there/, stop: 'terminated' },
  },
  { title: 'writes 100 MB before it listens', manner: 'writes-without-end', expected: well },
  { title: 'writes one line of 100 MB', manner: 'writes-one-endless-line', expected: well },
  { title: 'writes bytes that are no text', manner: 'writes-no-text', expected: well },
  { title: 'closes its output', manner: 'closes-its-output', expected: well },
  { title: 'lets a child listen', manner: 'has-a-child-that-listens', expected: well },
  {
    title: 'leaves dead children uncollected',
    manner: 'collects-no-children',
    expected: well,
  },
];

test.each(behaviours)('a process that $title', examine);

test('a process that listens on another port than its own', async () => {
  const other = await freePort();
  await examine({
    title: '',
    manner: 'listens-elsewhere',
    givenUpAfter: 'listening',
    facts: { env: { OTHER_PORT: String(other) } },
    expected: {
      ...died,
      says: new RegExp(
        `nothing listens on its port \\d+; it listens on ${other} instead\ndoes shy read its port from the variable PORT`,
      ),
      stop: 'terminated',
    },
  });
});

test('a process that deletes the folder it runs in', async () => {
  const cwd = mkdtempSync(join(temporaryFolder(), 'here-'));
  await examine({ title: '', manner: 'deletes-its-folder', facts: { cwd }, expected: well });
});
