import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { OwnService } from '../../../src/config/project.ts';
import { leftoversOf } from '../../../src/topology/leftovers.ts';
import { processTable } from '../../../src/topology/platform.ts';
import { readStatus } from '../../../src/topology/running.ts';
import { readState } from '../../../src/topology/state.ts';
import { stopRunning } from '../../../src/topology/stop-running.ts';
import {
  eventOf,
  fixture,
  freePort,
  isRunning,
  own,
  pidOf,
  type Trial,
  temporaryFolder,
  trial,
  until,
} from '../support.ts';

interface ByHand {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Somebody starts a program in a terminal of their own; it has said that it listens when this resolves. */
async function startByHand(
  command: readonly string[],
  port: number,
  { cwd = fixture(''), env = {} }: ByHand = {},
): Promise<ChildProcess & { readonly pid: number }> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own, so that all of it can be ended.
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('it was not started');
  onTestFinished(async () => {
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The test has ended it.
    }
    await gone;
  });
  await once(child.stdout, 'data');
  return Object.assign(child, { pid });
}

const adopting = (services: readonly OwnService[], root?: string): Trial =>
  trial(services, root, undefined, { adopt: true });

const listens = [process.execPath, fixture('listens.mjs')] as const;

test('a service that somebody runs by hand is adopted, watched, and left running', async () => {
  const port = await freePort();
  const { pid } = await startByHand(['node', './listens.mjs'], port);
  const { start, events, plan, story } = adopting([
    own('users', 'listens.mjs', { port }),
    own('orders', 'listens.mjs', { port: await freePort(), needs: ['users'] }),
  ]);
  const running = await start();
  const [users, orders] = running.services();
  expect(users).toMatchObject({ kind: 'own', state: 'ready', port, adopted: { pid } });
  expect(users?.pid).toBeUndefined();
  expect(orders?.adopted).toBeUndefined();
  expect(eventOf(events, 'service-ready', 'users')).toMatchObject({ adopted: true, pid });
  expect((await readStatus(plan)).services[0]).toMatchObject({ state: 'ready', adopted: { pid } });

  const ordersPid = pidOf(running, 'orders');
  expect(await running.stop()).toEqual([
    { service: 'orders', how: 'terminated' },
    { service: 'users', how: 'left-running' },
  ]);
  expect(await isRunning(pid)).toBe(true);
  expect(await isRunning(ordersPid)).toBe(false);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
  expect(story()).toContain('service-stopped users');
  expect(story()).not.toContain('service-stopping users');
});

test('no pid of an adopted service is on disk as one that may be ended', async () => {
  const port = await freePort();
  const { pid } = await startByHand(listens, port);
  const { start, plan } = adopting([own('users', 'listens.mjs', { port })]);
  await start();
  const state = readState(plan.stateDir);
  if (state === undefined) throw new Error('there is no state');
  expect(state.services[0]).not.toHaveProperty('pid');
  expect(await leftoversOf(state, processTable())).toEqual([]);
  expect(await processTable().bearers(state.run)).not.toContain(pid);
});

test('nothing of it listens yet: then it is started as always', async () => {
  const port = await freePort();
  const { start } = adopting([own('users', 'listens.mjs', { port })]);
  const running = await start();
  expect(running.services()[0]?.adopted).toBeUndefined();
  expect(await running.stop()).toEqual([{ service: 'users', how: 'terminated' }]);
});

test('a wrapper between the command and the process that listens is looked through', async () => {
  const port = await freePort();
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'run.sh'), `#!/bin/sh\n"${process.execPath}" "${fixture('listens.mjs')}"\n:\n`);
  chmodSync(join(cwd, 'run.sh'), 0o755);
  const { pid } = await startByHand(['./run.sh'], port, { cwd });
  const { start } = adopting([own('users', '', { port, cwd, command: ['./run.sh'] })]);
  const running = await start();
  expect(running.services()[0]?.adopted?.pid).toBe(pid);
});

test('one that listens on ::1 only is adopted', async () => {
  const port = await freePort();
  const { pid } = await startByHand(listens, port, { env: { HOST: '::1' } });
  const { start } = adopting([own('users', 'listens.mjs', { port })]);
  const running = await start();
  expect(running.services()[0]).toMatchObject({ url: `http://127.0.0.1:${port}`, adopted: { pid } });
});

test.each([
  {
    what: 'another command',
    command: [...listens, '--other'],
    byHand: () => ({}),
    says: () => `its command is \`${listens.join(' ')} --other\`, not \`${listens.join(' ')}\``,
  },
  {
    what: 'another folder',
    command: listens,
    byHand: (folder: string) => ({ cwd: folder }),
    says: (folder: string) => `it runs in ${folder}, not in ${fixture('').replace(/\/$/, '')}`,
  },
])('what has $what is refused, and it is said what differs', async ({ command, byHand, says }) => {
  const [port, free] = [await freePort(), await freePort()];
  const folder = temporaryFolder();
  const { pid } = await startByHand(command, port, byHand(folder));
  const { startError, story } = adopting([
    own('orders', 'listens.mjs', { port: free }),
    own('users', 'listens.mjs', { port }),
  ]);
  const error = await startError();
  expect(error.code).toBe('port-taken');
  expect(error.message).toBe(
    `port ${port} of users is taken by pid ${pid} (${command.join(' ')}), which cannot be adopted: ${says(folder)}`,
  );
  expect(error.hint).toContain(`kill ${pid}`);
  expect(story()).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)('a process of another user is refused (needs root)', async () => {
  const port = await freePort();
  const cwd = temporaryFolder();
  chmodSync(cwd, 0o755);
  const program = join(cwd, 'listens.mjs');
  writeFileSync(program, readFileSync(fixture('listens.mjs')), { mode: 0o644 });
  const child = spawn(process.execPath, [program], {
    ...{ uid: 65_534, gid: 65_534, cwd, stdio: ['ignore', 'pipe', 'inherit'] },
    env: { PORT: String(port) },
  });
  onTestFinished(async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
  if (child.stdout !== null) await once(child.stdout, 'data');
  const command = [process.execPath, program] as const;
  const { startError } = adopting([own('users', '', { port, cwd, command })]);
  expect((await startError()).message).toMatch(
    /cannot be adopted: it belongs to user id 65534, and you are 0$/,
  );
});

test('without being asked to adopt, the refusal says that it could be', async () => {
  const port = await freePort();
  const { pid } = await startByHand(listens, port);
  const { startError } = trial([own('users', 'listens.mjs', { port })]);
  const error = await startError();
  expect(error.message).toBe(`port ${port} of users is taken by pid ${pid} (${listens.join(' ')})`);
  expect(error.hint).toBe(
    `it is users itself, started by hand: use it as it runs with \`--adopt\`, or stop it with \`kill ${pid}\``,
  );
});

test('the end of an adopted service is noticed, is not undone, and is the end when nothing else runs', async () => {
  const port = await freePort();
  const byHand = await startByHand(listens, port);
  const restart = { policy: 'always', backoffMs: 1, limitMs: 1 } as const;
  const { start, events, plan, story } = adopting([own('users', 'listens.mjs', { port, restart })]);
  const running = await start();
  byHand.kill('SIGKILL');
  await running.allEnded;
  expect(eventOf(events, 'service-exited', 'users')).toMatchObject({
    exit: { unknown: 'adopted' },
    lastLines: [],
  });
  expect(story()).not.toContain('service-restarting users');
  expect((await readStatus(plan)).services[0]).toMatchObject({ state: 'exited' });
  expect(await running.stop()).toEqual([]);
});

test('status knows of the end of an adopted service whoever has noticed it', async () => {
  const port = await freePort();
  const byHand = await startByHand(listens, port);
  const { start, plan } = adopting([own('users', 'listens.mjs', { port })]);
  await start();
  byHand.kill('SIGKILL');
  await once(byHand, 'exit');
  expect((await readStatus(plan)).services[0]?.state).toBe('exited');
});

test('an adopted service that falls silent is unhealthy, and is not ended for that', async () => {
  const port = await freePort();
  const { pid } = await startByHand(listens, port);
  const live = { probe: { kind: 'http', path: '/' }, everyMs: 10, timeoutMs: 200, failures: 2 } as const;
  const { start } = adopting([own('users', 'listens.mjs', { port, live })]);
  const running = await start();
  process.kill(pid, 'SIGSTOP');
  await until('it is unhealthy', () => running.services()[0]?.state === 'unhealthy');
  process.kill(pid, 'SIGCONT');
  await until('it is well again', () => running.services()[0]?.state === 'ready');
  expect(running.services()[0]?.adopted?.pid).toBe(pid);
});

test('one that does not become ready fails the start, and lives on', async () => {
  const port = await freePort();
  const { pid } = await startByHand(listens, port, { env: { STATUS: '503' } });
  const { startError } = adopting([own('users', 'listens.mjs', { port, timeoutMs: 50 })]);
  const error = await startError();
  expect(error.code).toBe('service-not-ready');
  expect(error.message).toContain(`answered with status 503 (it was adopted: pid ${pid})`);
  expect(error.hint).toBe(
    `stop it with \`kill ${pid}\` and run \`shopctl up\` again: it then starts users itself`,
  );
  expect(await isRunning(pid)).toBe(true);
});

test('one that ends before it is ready fails the start', async () => {
  const port = await freePort();
  const byHand = await startByHand(listens, port, { env: { STATUS: '503' } });
  const { startError, events } = adopting([own('users', 'listens.mjs', { port, timeoutMs: 600_000 })]);
  const failed = startError();
  await until('it is waited for', () => events.some(({ type }) => type === 'service-starting'));
  byHand.kill('SIGKILL');
  expect(await failed).toMatchObject({
    code: 'service-failed',
    message: `users, which was adopted (pid ${byHand.pid}), ended before it was ready`,
  });
});

test('a start that fails for another service leaves the adopted one running', async () => {
  const port = await freePort();
  const { pid } = await startByHand(listens, port);
  const { startError, events } = adopting([
    own('users', 'listens.mjs', { port }),
    own('orders', 'dies.mjs', { port: await freePort(), needs: ['users'] }),
  ]);
  expect((await startError()).code).toBe('service-failed');
  expect(eventOf(events, 'service-stopped', 'users').how).toBe('left-running');
  expect(await isRunning(pid)).toBe(true);
});

test('a job is never adopted', async () => {
  const port = await freePort();
  await startByHand(listens, port);
  const ready = { probe: { kind: 'exit' }, everyMs: 10, timeoutMs: 30_000 } as const;
  const { startError } = adopting([own('users', 'listens.mjs', { port, ready })]);
  expect((await startError()).code).toBe('port-taken');
});

test('down after a run that was killed does not touch what the run had adopted', async () => {
  const port = await freePort();
  const { pid } = await startByHand(listens, port);
  const { start, plan } = adopting([own('users', 'listens.mjs', { port })]);
  const running = await start();
  const state = readState(plan.stateDir);
  await running.stop();
  if (state === undefined) throw new Error('there was no state');
  // As a supervisor leaves it that was killed with its watchdog.
  writeFileSync(join(plan.stateDir, 'state.json'), JSON.stringify(state));
  const report = await stopRunning(plan, { signal: new AbortController().signal, volumes: false });
  expect(report.stopped).toEqual([]);
  expect(await isRunning(pid)).toBe(true);
});
