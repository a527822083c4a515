import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { processTable } from '../../src/topology/platform.ts';
import { describeOwner, portOwner, refuseTakenPorts } from '../../src/topology/port-owner.ts';
import { errorFrom, fixture, freePort, freePorts, listenOn, own, trial } from './support.ts';

/** Another program that listens: its pid, and its command line as `ps` would show it. */
async function listenElsewhere(port: number, host: string) {
  const child = spawn(process.execPath, [fixture('listens.mjs')], {
    env: { ...process.env, PORT: String(port), HOST: host },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return { pid: child.pid, command: `${process.execPath} ${fixture('listens.mjs')}` };
}

test.each(['127.0.0.1', '0.0.0.0', '::', '::1'])(
  'a port taken on %s is refused with pid and command',
  async (host) => {
    const port = await freePort();
    const { pid, command } = await listenElsewhere(port, host);
    const { startError, story } = trial([
      own('users', 'listens.mjs', { port: await freePort() }),
      own('orders', 'listens.mjs', { port }),
    ]);
    const error = await startError();
    expect(error.code).toBe('port-taken');
    expect(error.exitCode).toBe(3);
    expect(error.message).toBe(`port ${port} of orders is taken by pid ${pid} (${command})`);
    expect(error.hint).toBe(`stop it with \`kill ${pid}\`, or change the port of orders`);
    expect(story()).toEqual([]);
  },
);

test('all taken ports are named at once', async () => {
  const [one, two] = await freePorts(2);
  const first = await listenOn(one ?? 0);
  const second = await listenOn(two ?? 0);
  const { startError } = trial([
    own('users', 'listens.mjs', { port: one ?? 0 }),
    own('orders', 'listens.mjs', { port: two ?? 0 }),
  ]);
  const error = await startError();
  await Promise.all([first.close(), second.close()]);
  expect(error.message).toBe('2 ports are taken; nothing was started');
  expect(error.problems.map(({ message }) => message)).toEqual([
    expect.stringContaining(`port ${one} of users is taken by pid ${process.pid} (`),
    expect.stringContaining(`port ${two} of orders is taken by pid ${process.pid} (`),
  ]);
});

test('two services that want one port are refused', async () => {
  const port = await freePort();
  const { start } = trial([own('users', 'listens.mjs', { port }), own('orders', 'listens.mjs', { port })]);
  expect(await errorFrom(start())).toMatchObject({
    exitCode: 2,
    message: `users and orders both want port ${port}`,
  });
});

test('an owner that may not be looked into is described by its user', async () => {
  const table = {
    ...processTable(),
    heard: async () => new Set([5999]),
    listeners: async () => [{ address: '0.0.0.0', uid: 54321, pids: [] }],
  };
  const error = await errorFrom(refuseTakenPorts([own('users', 'listens.mjs', { port: 5999 })], table));
  expect(error.message).toBe(
    'port 5999 of users is taken by a process of user id 54321 that may not be looked into (address 0.0.0.0)',
  );
  expect(error.hint).toBe('find it with `sudo ss -ltnp`, or change the port of users');
});

test.each([
  { bound: ['0.0.0.0', '127.0.0.1'], ours: '0.0.0.0', owner: 'stranger' },
  { bound: ['0.0.0.0', '127.0.0.1'], ours: '127.0.0.1', owner: 'ours' },
  { bound: ['::', '0.0.0.0'], ours: '::', owner: 'stranger' },
  { bound: ['::1', '::'], ours: '::', owner: 'ours' },
  { bound: ['::1'], ours: '::1', owner: 'nobody' },
])(
  'of listeners on $bound the one that answers 127.0.0.1 decides: with $ours ours it is $owner',
  async ({ bound, ours, owner }) => {
    const table = {
      ...processTable(),
      listeners: async () =>
        bound.map((address) => ({ address, pids: address === ours ? [process.pid] : [] })),
    };
    const found = await portOwner({ address: '127.0.0.1', port: 5999, pid: process.pid, table });
    expect(found.kind).toBe(owner);
  },
);

test('an owner with a command line that is long and odd is described by its beginning, as plain text', async () => {
  const commandLine = async () => `node \u001b[31m\n-e ${'x'.repeat(5_000)}`;
  const listener = { address: '127.0.0.1', pids: [7] };
  const description = await describeOwner(listener, { ...processTable(), commandLine });
  expect(description).toMatch(/^pid 7 \(node \[31m -e x{100,}…\)$/);
  expect(description.length).toBeLessThan(250);
});
