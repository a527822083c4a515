import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished, test } from 'vitest';
import { fixture } from '../support.ts';
import { type Behaviour, examine } from './behaviour.ts';

const refused = { exitCode: 3, state: 'never started' } as const;

/** Somebody else who listens, and does so until the test has ended. */
async function occupy(args: readonly string[], options: SpawnOptions = {}): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], ...options });
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });
  if (child.stdout !== null) await once(child.stdout, 'data');
}

const listener = (port: number, host: string) => [
  '-e',
  `require('node:net').createServer().listen(${port}, '${host}', () => console.log('there'))`,
];

const behaviours: readonly Behaviour[] = [
  {
    title: 'another program',
    manner: 'well',
    before: (port) => occupy(listener(port, '127.0.0.1')),
    expected: {
      ...refused,
      says: /port \d+ of shy is taken by pid \d+ \(.*node:net.*\)\nstop it with `kill \d+`/,
    },
  },
  {
    title: 'a copy of itself that somebody started by hand',
    manner: 'well',
    before: (port) => occupy([fixture('listens.mjs')], { env: { ...process.env, PORT: String(port) } }),
    expected: { ...refused, says: /is taken by pid \d+ \(.*listens\.mjs\)/ },
  },
  {
    title: 'somebody who listens on IPv6 only',
    manner: 'well',
    before: (port) => occupy(listener(port, '::1')),
    expected: { ...refused, says: /is taken by pid \d+/ },
  },
  {
    title: 'somebody who listens on every address',
    manner: 'well',
    before: (port) => occupy(listener(port, '0.0.0.0')),
    expected: { ...refused, says: /is taken by pid \d+/ },
  },
  {
    title: 'somebody who came while it was starting, and it lives on without',
    manner: 'insists-on-a-taken-port',
    givenUpAfter: 'no port',
    gate: (port) => occupy(listener(port, '127.0.0.1')),
    expected: { exitCode: 3, state: 'failed', stop: 'terminated', says: /not ready within 30 s: / },
  },
  {
    title: 'a server that answers for it, and came while it was starting',
    manner: 'insists-on-a-taken-port',
    givenUpAfter: 'no port',
    gate: (port) => occupy([fixture('listens.mjs')], { env: { ...process.env, PORT: String(port) } }),
    expected: {
      exitCode: 3,
      state: 'failed',
      stop: 'terminated',
      says: /its port is held by pid \d+ \(.*listens\.mjs\), which shy did not start/,
    },
  },
];

test.each(behaviours)('a port taken by $title', examine);

test.skipIf(process.getuid?.() !== 0)('a port taken by another user (needs root)', () =>
  examine({
    title: '',
    manner: 'well',
    before: (port) => occupy(listener(port, '127.0.0.1'), { uid: 65_534, gid: 65_534, cwd: '/' }),
    expected: { ...refused, says: /is taken by pid \d+/ },
  }),
);
