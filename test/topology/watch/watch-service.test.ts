import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { WatchSpec } from '../../../src/config/project.ts';
import type { ServiceEvent } from '../../../src/model/index.ts';
import { startTopology } from '../../../src/topology/start-topology.ts';
import {
  errorFrom,
  eventOf,
  fixture,
  freePort,
  isRunning,
  own,
  pidOf,
  planOf,
  programs,
  temporaryFolder,
  until,
} from '../support.ts';

/** A running service that watches `src`; `build` is a fixture that waits for files. */
async function watched({ build, ...facts }: Partial<WatchSpec> = {}, env: Record<string, string> = {}) {
  const root = temporaryFolder();
  mkdirSync(join(root, 'src'));
  const port = await freePort();
  const watch: WatchSpec = {
    paths: [join(root, 'src')],
    ignore: [],
    debounceMs: 20,
    missing: [],
    ...facts,
    ...(build === undefined ? {} : { build }),
  };
  const plan = planOf([own('users', 'listens.mjs', { port, cwd: root, watch, env })], root);
  const events: ServiceEvent[] = [];
  const stop = new AbortController();
  const running = await startTopology(plan, {
    signal: stop.signal,
    watch: true,
    watchdog: programs.watchdog,
    onEvent: (event) => void events.push(event),
  });
  onTestFinished(async () => {
    await running.stop();
  });
  const story = () => events.flatMap(({ type }) => (type === 'log-lines' ? [] : [type]));
  const count = (type: ServiceEvent['type']) => story().filter((each) => each === type).length;
  const write = (name: string) => writeFileSync(join(root, 'src', name), `${name} ${Math.random()}`);
  return { root, plan, port, running, events, story, count, write };
}

const builds = (...args: string[]): [string, ...string[]] => [
  process.execPath,
  fixture('builds.mjs'),
  ...args,
];

test('a burst of changes is one restart', async () => {
  const { running, write, story, count, events } = await watched({ debounceMs: 300 });
  const before = pidOf(running, 'users');
  for (const name of ['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts', 'f.ts', 'g.ts']) write(name);
  await until('it is ready again', () => count('service-ready') === 2);
  expect(pidOf(running, 'users')).not.toBe(before);
  expect(story()).toEqual([
    'service-starting',
    'service-ready',
    'service-changed',
    'service-stopping',
    'service-stopped',
    'service-starting',
    'service-ready',
  ]);
  expect(eventOf(events, 'service-changed', 'users')).toMatchObject({
    files: ['src/a.ts', 'src/b.ts', 'src/c.ts', 'src/d.ts', 'src/e.ts'],
    count: 7,
  });
});

test('a build comes before the restart, and what it writes stands in the log of the service', async () => {
  const { write, story, count, plan, running } = await watched({ build: builds() });
  write('a.ts');
  await until('it is ready again', () => count('service-ready') === 2);
  expect(story().slice(2, 6)).toEqual([
    'service-changed',
    'service-building',
    'service-built',
    'service-stopping',
  ]);
  await running.stop();
  const log = readFileSync(join(plan.stateDir, 'logs', 'users.log'), 'utf8');
  expect(log).toMatch(/ listening on \d+\n.* build: compiling\n.*!build: to stderr\n.* listening on \d+\n/s);
});

test('a build that fails leaves the old process running, and says why', async () => {
  const { root, running, write, count, events } = await watched({ build: builds() });
  writeFileSync(join(root, 'fails'), '');
  const before = pidOf(running, 'users');
  write('a.ts');
  await until('it has failed', () => count('service-build-failed') === 1);
  expect(eventOf(events, 'service-build-failed', 'users')).toMatchObject({
    message: 'failed with exit code 2',
    lastLines: expect.arrayContaining(['to stderr']),
  });
  expect(pidOf(running, 'users')).toBe(before);
  expect(running.services()[0]?.state).toBe('ready');
  rmSync(join(root, 'fails'));
  write('a.ts');
  await until('it is ready again', () => count('service-ready') === 2);
});

test('a build program that is not there is said to be', async () => {
  const { write, count, events } = await watched({ build: ['/no/such/program'] });
  write('a.ts');
  await until('it has failed', () => count('service-build-failed') === 1);
  expect(eventOf(events, 'service-build-failed', 'users').message).toMatch(/^could not be started: .*ENOENT/);
});

test('what changes during a build leads to one more build', async () => {
  const { root, write, count } = await watched({ build: builds('waits'), debounceMs: 300 });
  write('a.ts');
  await until('it builds', () => count('service-building') === 1);
  for (const name of ['b.ts', 'c.ts', 'd.ts']) write(name);
  writeFileSync(join(root, 'go'), '');
  await until('it has been built twice', () => count('service-built') === 2);
  await until('it is ready for the third time', () => count('service-ready') === 3);
  expect(count('service-building')).toBe(2);
});

test('a service that does not start after a change is failed, and the next change starts it again', async () => {
  const folder = temporaryFolder();
  const broken = join(folder, 'broken');
  const { running, write, count } = await watched({}, { BROKEN: broken });
  writeFileSync(broken, '');
  write('a.ts');
  await until('it has failed', () => count('service-failed') === 1);
  let hasEnded = false;
  void running.allEnded.then(() => {
    hasEnded = true;
  });
  rmSync(broken);
  write('a.ts');
  await until('it is ready again', () => running.services()[0]?.state === 'ready');
  expect(hasEnded).toBe(false);
});

test('one that ends by itself waits for a change', async () => {
  const { running, port, write, count } = await watched();
  await fetch(`http://127.0.0.1:${port}/exit`);
  await until('it has ended', () => count('service-exited') === 1);
  write('a.ts');
  await until('it is ready again', () => running.services()[0]?.state === 'ready');
});

test('the end of everything ends a build', async () => {
  const { root, write, running } = await watched({ build: builds('waits') });
  write('a.ts');
  const pidFile = join(root, 'build.pid');
  await until('it builds', () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
  const pid = Number(readFileSync(pidFile, 'utf8'));
  expect(await isRunning(pid)).toBe(true);
  await running.stop();
  expect(await isRunning(pid)).toBe(false);
});

test('a path that is not there is refused before anything starts, but only where files are watched', async () => {
  const missing = [{ message: '`users` watches src/nope, but there is no /src/nope' }];
  const watch: WatchSpec = { paths: ['/src/nope'], ignore: [], debounceMs: 20, missing };
  const plan = planOf([own('users', 'listens.mjs', { port: await freePort(), watch })]);
  const options = {
    signal: new AbortController().signal,
    watchdog: programs.watchdog,
    onEvent: () => undefined,
  };
  expect(await errorFrom(startTopology(plan, { ...options, watch: true }))).toMatchObject({
    code: 'config-invalid',
    problems: missing,
  });
  expect(existsSync(join(plan.stateDir, 'state.json'))).toBe(false);
  const running = await startTopology(plan, options);
  expect(await running.stop()).toHaveLength(1);
});
