import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { processTable } from '../../src/topology/platform.ts';
import { groupMembers } from '../../src/topology/process-group.ts';
import { readStatus } from '../../src/topology/running.ts';
import { readState } from '../../src/topology/state.ts';
import { stopRunning } from '../../src/topology/stop-running.ts';
import {
  errorFrom,
  eventOf,
  fixture,
  foreign,
  freePort,
  freePorts,
  isRunning,
  own,
  pidOf,
  temporaryFolder,
  trial,
  until,
} from './support.ts';

test('a service that ends at start fails at once with its code and its last 20 lines', async () => {
  const { startError } = trial([own('users', 'dies.mjs', { port: await freePort(), timeoutMs: 600_000 })]);
  const error = await startError();
  expect(error.code).toBe('service-failed');
  expect(error.exitCode).toBe(3);
  expect(error.message).toMatch(/^users ended while it was starting: exit code 4 after \d/);
  const lines = error.detail?.split('\n') ?? [];
  expect(lines[0]).toBe('its last 20 lines:');
  expect(lines).toHaveLength(21);
  expect(lines).toContain('line 25 of 25');
  expect(lines).toContain('Error: no database');
});

test('a service that ends at once with success is told to stay in the foreground', async () => {
  const { startError } = trial([own('users', '', { port: await freePort(), command: ['true'] })]);
  const error = await startError();
  expect(error.message).toContain('exit code 0');
  expect(error.hint).toBe(
    'a service has to stay in the foreground: does users put itself in the background?',
  );
});

test.each([
  ['a path that leads through a file', [`${fixture('dies.mjs')}/program`], 'there is no program'],
  ['more arguments than the system takes', ['node', 'x'.repeat(3_000_000)], 'E2BIG'],
  ['a NUL in an argument', ['node', 'a\0b'], 'null bytes'],
] as const)('%s is reported as a program that cannot start', async (_title, command, reason) => {
  const { startError } = trial([own('users', '', { command })]);
  const error = await startError();
  expect(error).toMatchObject({ code: 'program-not-started', exitCode: 3 });
  expect(error.message).toContain(reason);
  expect(error.hint).toBeDefined();
});

test('a service killed by a signal at start is reported with the signal', async () => {
  const { startError } = trial([own('users', 'dies-by-signal.mjs', { port: await freePort() })]);
  expect((await startError()).message).toContain('signal SIGKILL');
});

test('a child that holds the output open does not hide that the service has ended, and is ended too', async () => {
  const port = await freePort();
  const { startError, events } = trial([own('users', 'dies-but-child-holds-the-pipe.mjs', { port })]);
  const error = await startError();
  expect(error.message).toContain('exit code 5');
  expect(error.detail).toContain('the last words');
  const { pid = 0 } = eventOf(events, 'service-starting', 'users');
  expect(await groupMembers(pid, processTable())).toEqual([]);
});

test('when one fails, what was started before it is stopped, dependants first, and nothing after it starts', async () => {
  const [first, second, third] = await freePorts(3);
  const { startError, story, plan } = trial([
    own('users', 'listens.mjs', { port: first ?? 0 }),
    own('orders', 'listens.mjs', { port: second ?? 0, needs: ['users'] }),
    own('payments', 'dies.mjs', { port: third ?? 0, needs: ['orders'] }),
    own('mail', 'listens.mjs', { needs: ['payments'] }),
  ]);
  await startError();
  expect(story()).toEqual([
    'service-starting users',
    'service-ready users',
    'service-starting orders',
    'service-ready orders',
    'service-starting payments',
    'service-failed payments',
    'service-stopping orders',
    'service-stopped orders',
    'service-stopping users',
    'service-stopped users',
  ]);
  const state = readState(plan.stateDir);
  expect(state?.phase).toBe('stopped');
  expect(state?.services.map(({ name, state: its, pid }) => [name, its, pid])).toEqual([
    ['users', 'stopped', undefined],
    ['orders', 'stopped', undefined],
    ['payments', 'failed', undefined],
    ['mail', 'stopped', undefined],
  ]);
});

test('a service that never listens fails after its timeout, with what the probe saw and what the service said', async () => {
  const port = await freePort();
  const { startError, events } = trial([own('users', 'never-listens.sh', { port, timeoutMs: 4_000 })]);
  const error = await startError();
  expect(error.code).toBe('service-not-ready');
  expect(error.message).toBe(
    `users was not ready within 4 s: GET http://127.0.0.1:${port}/ refused the connection: nothing listens there`,
  );
  expect(error.hint).toContain('PORT');
  expect(error.detail).toContain('thinking about it');
  expect(await isRunning(eventOf(events, 'service-starting', 'users').pid ?? 0)).toBe(false);
});

test.each([404, 302, 503])('an answer with status %d is not ready, and the error says so', async (status) => {
  const server = createServer((_request, response) => response.writeHead(status).end()).listen(
    0,
    '127.0.0.1',
  );
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const error = await trial([foreign('users', url, 200)]).startError();
  expect(error.message).toBe(`users was not ready within 200 ms: GET ${url}/ answered with status ${status}`);
});

test('a program that does not exist is named with its service and a remedy', async () => {
  const { startError } = trial([own('users', '', { command: ['no-such-program-here', '--port'] })]);
  const error = await startError();
  expect(error.exitCode).toBe(3);
  expect(error.message).toBe('users cannot start: there is no program no-such-program-here');
  expect(error.hint).toBe(
    'install no-such-program-here or put it on the PATH, or correct services.users.command',
  );
});

test('a program that may not be executed, and one without its interpreter, are told apart', async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, 'plain'), 'text');
  writeFileSync(join(root, 'odd'), '#!/no/such/interpreter\n');
  chmodSync(join(root, 'odd'), 0o755);
  const plain = await trial([own('users', '', { command: ['./plain'], cwd: root })]).startError();
  expect(plain.message).toBe('users cannot start: ./plain may not be executed');
  const odd = await trial([own('users', '', { command: ['./odd'], cwd: root })]).startError();
  expect(odd.message).toContain('the interpreter that the first line of ./odd names is not there');
});

test('a folder that does not exist is named', async () => {
  const { startError } = trial([own('users', 'listens.mjs', { cwd: '/no/such/folder' })]);
  expect((await startError()).message).toBe('users cannot start: its folder /no/such/folder does not exist');
});

test('an optional service that fails is reported and the others become ready', async () => {
  const [users, extra] = await freePorts(2);
  const { start, events } = trial([
    own('extra', 'dies.mjs', { port: extra ?? 0, required: false }),
    own('users', 'listens.mjs', { port: users ?? 0 }),
  ]);
  const running = await start();
  expect(eventOf(events, 'service-failed', 'extra')).toMatchObject({ required: false });
  expect(running.services().map(({ name, state }) => [name, state])).toEqual([
    ['extra', 'failed'],
    ['users', 'ready'],
  ]);
});

test('an optional service that hangs is ended while the others go on', async () => {
  const [users, extra] = await freePorts(2);
  const { start, events } = trial([
    own('extra', 'never-listens.sh', { port: extra ?? 0, required: false, timeoutMs: 200 }),
    own('users', 'listens.mjs', { port: users ?? 0 }),
  ]);
  await start();
  const { pid = 0 } = eventOf(events, 'service-starting', 'extra');
  await until('the hanging service is gone', async () => !(await isRunning(pid)));
});

test('what needs a failed optional service cannot start and says why', async () => {
  const [extra, users] = await freePorts(2);
  const { startError } = trial([
    own('extra', 'dies.mjs', { port: extra ?? 0, required: false }),
    own('users', 'listens.mjs', { port: users ?? 0, needs: ['extra'] }),
  ]);
  expect((await startError()).message).toBe('users cannot start: it needs extra, which failed');
});

test('a service that ends after it was ready is reported with code and lines, and the others run on', async () => {
  const [users, orders] = await freePorts(2);
  const { start, events, story } = trial([
    own('users', 'listens.mjs', { port: users ?? 0 }),
    own('orders', 'listens.mjs', { port: orders ?? 0 }),
  ]);
  const running = await start();
  await fetch(`http://127.0.0.1:${users}/exit`);
  await until('the exit is reported', () => story().includes('service-exited users'));
  const exited = eventOf(events, 'service-exited', 'users');
  expect(exited).toMatchObject({ exit: { code: 7 }, required: true });
  expect(exited.lastLines.at(-1)).toBe('leaving as asked');
  expect(running.services().map(({ state }) => state)).toEqual(['exited', 'ready']);
  expect(await isRunning(pidOf(running, 'orders'))).toBe(true);
});

test('when the last service has ended by itself the run knows', async () => {
  const port = await freePort();
  const { start } = trial([own('users', 'listens.mjs', { port })]);
  const running = await start();
  await fetch(`http://127.0.0.1:${port}/exit`);
  await running.allEnded;
  expect(running.services()[0]).toMatchObject({ state: 'exited', exit: { code: 7 } });
});

test('a required service that ends while others are starting fails the start', async () => {
  const [users, orders] = await freePorts(2);
  const { startError, story } = trial([
    own('users', 'listens.mjs', { port: users ?? 0 }),
    own('orders', 'never-listens.sh', { port: orders ?? 0, needs: ['users'] }),
  ]);
  const failed = startError();
  await until('the second one starts', () => story().includes('service-starting orders'));
  await fetch(`http://127.0.0.1:${users}/exit`);
  const error = await failed;
  expect(error.message).toBe('users ended while others were starting: exit code 7');
  expect(story()).toContain('service-stopped orders');
});

test.each(['lock', 'logs', 'state.json'])(
  'something else in the place of %s is reported by all who come across it',
  async (name) => {
    const { plan, startError } = trial([own('users', 'never-listens.sh')]);
    mkdirSync(plan.stateDir);
    if (name === 'state.json') mkdirSync(join(plan.stateDir, name));
    else writeFileSync(join(plan.stateDir, name), '');
    expect(await startError()).toMatchObject({ code: 'state-unusable', exitCode: 3 });
    const signal = new AbortController().signal;
    const down = errorFrom(stopRunning(plan, { signal, volumes: false }));
    expect(await down).toMatchObject({ code: 'state-unusable' });
    if (name !== 'logs') expect(await errorFrom(readStatus(plan))).toMatchObject({ code: 'state-unusable' });
  },
);

test('a file in the place of the state folder is reported by all who come across it', async () => {
  const { plan, startError } = trial([own('users', 'never-listens.sh')]);
  writeFileSync(plan.stateDir, '');
  expect(await startError()).toMatchObject({ code: 'state-unusable', exitCode: 3 });
  expect(await errorFrom(readStatus(plan))).toMatchObject({ code: 'state-unusable' });
});

test('a state file that nobody of us wrote counts for nothing', async () => {
  const { plan, start } = trial([own('users', 'never-listens.sh')]);
  mkdirSync(plan.stateDir);
  const odd = { schema: 'shopctl/state/1', services: [null], supervisor: null };
  writeFileSync(join(plan.stateDir, 'state.json'), JSON.stringify(odd));
  expect((await start()).services()[0]?.state).toBe('ready');
});
