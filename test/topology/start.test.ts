import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  eventOf,
  foreign,
  freePort,
  freePorts,
  isRunning,
  listenOn,
  own,
  pidOf,
  temporaryFolder,
  trial,
  until,
} from './support.ts';

test('a service starts only after everything it needs is ready', async () => {
  const [users, orders, payments] = await freePorts(3);
  const { start, story } = trial([
    own('payments', 'listens.mjs', { port: payments ?? 0, needs: ['users', 'orders'] }),
    own('users', 'listens.mjs', { port: users ?? 0 }),
    own('orders', 'listens.mjs', { port: orders ?? 0, needs: ['users'] }),
  ]);
  const running = await start();
  expect(story()).toEqual([
    'service-starting users',
    'service-ready users',
    'service-starting orders',
    'service-ready orders',
    'service-starting payments',
    'service-ready payments',
  ]);
  expect(running.services().map(({ name, state }) => [name, state])).toEqual([
    ['users', 'ready'],
    ['orders', 'ready'],
    ['payments', 'ready'],
  ]);
});

test('services that do not need each other start side by side, and a slow one holds up only its own dependants', async () => {
  const [slow, quick, after] = await freePorts(3);
  const root = temporaryFolder();
  const gate = join(root, 'gate');
  const { start, story } = trial(
    [
      own('slow', 'listens-after.mjs', { port: slow ?? 0, env: { GATE: gate } }),
      own('quick', 'listens.mjs', { port: quick ?? 0 }),
      own('after-quick', 'listens.mjs', { port: after ?? 0, needs: ['quick'] }),
    ],
    root,
  );
  const started = start();
  await until('the independent branch is ready', () => story().includes('service-ready after-quick'));
  expect(story()).toContain('service-starting slow');
  expect(story()).not.toContain('service-ready slow');
  writeFileSync(gate, '');
  await started;
  expect(story().at(-1)).toBe('service-ready slow');
});

test('ready says how long it took, the pid, and the URL', async () => {
  const port = await freePort();
  const { start, events } = trial([own('users', 'listens.mjs', { port })]);
  const running = await start();
  const ready = eventOf(events, 'service-ready', 'users');
  expect(ready).toMatchObject({ pid: pidOf(running, 'users'), url: `http://127.0.0.1:${port}` });
  expect(ready.tookMs).toBeGreaterThan(0);
});

test.each(['0.0.0.0', '::', '::1', '127.0.0.1'])('a service that binds %s becomes ready', async (host) => {
  const { start } = trial([own('users', 'listens.mjs', { port: await freePort(), env: { HOST: host } })]);
  expect((await start()).services()[0]?.state).toBe('ready');
});

test('a listener in a child process counts as the service', async () => {
  const { start } = trial([own('users', 'child-listens.mjs', { port: await freePort() })]);
  expect((await start()).services()[0]?.state).toBe('ready');
});

test('a tcp probe is content with a connection', async () => {
  const port = await freePort();
  const spec = own('users', 'listens.mjs', { port, env: { STATUS: '500' } });
  const { start } = trial([{ ...spec, ready: { ...spec.ready, probe: { kind: 'tcp' } } }]);
  expect((await start()).services()[0]?.state).toBe('ready');
});

test('a process without a port is ready when it keeps running', async () => {
  const { start } = trial([own('worker', 'never-listens.sh')]);
  const running = await start();
  expect(running.services()[0]).toMatchObject({ state: 'ready' });
  expect(await isRunning(pidOf(running, 'worker'))).toBe(true);
});

test('a service that runs elsewhere is waited for and left alone', async () => {
  const [elsewhere, here] = await freePorts(2);
  const outside = trial([own('legacy', 'listens.mjs', { port: elsewhere ?? 0 })]);
  const outsideRun = await outside.start();
  const legacyPid = pidOf(outsideRun, 'legacy');
  const { start, story } = trial([
    own('users', 'listens.mjs', { port: here ?? 0, needs: ['legacy'] }),
    foreign('legacy', `http://127.0.0.1:${elsewhere}`),
  ]);
  const running = await start();
  expect(story()).toEqual([
    'service-starting legacy',
    'service-ready legacy',
    'service-starting users',
    'service-ready users',
  ]);
  await running.stop();
  expect(await isRunning(legacyPid)).toBe(true);
});

test('a service that runs elsewhere and does not answer fails with what was seen', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const { startError } = trial([foreign('legacy', url, 100)]);
  const error = await startError();
  expect(error.exitCode).toBe(3);
  expect(error.message).toBe(
    `legacy was not ready within 100 ms: GET ${url}/ refused the connection: nothing listens there`,
  );
});

test('the environment, the port and the working folder reach the program', async () => {
  const port = await freePort();
  const root = temporaryFolder();
  const script =
    "require('node:http').createServer((q,r)=>r.end()).listen(process.env.PORT,'127.0.0.1',()=>console.log(process.env.COLOUR, process.cwd(), process.env.HOME))";
  const { start, plan, events } = trial(
    [
      own('users', '', {
        port,
        command: [process.execPath, '-e', script],
        cwd: root,
        env: { COLOUR: 'blue' },
      }),
    ],
    root,
  );
  await start();
  const said = () => events.flatMap((event) => (event.type === 'log-lines' ? event.lines : []));
  await until('it has spoken', () => said().length > 0);
  expect(said()[0]?.text).toBe(`blue ${plan.root} ${process.env['HOME']}`);
});

test('a stale server that takes the port between check and listen is never taken for the service', async () => {
  const port = await freePort();
  const root = temporaryFolder();
  const gate = join(root, 'gate');
  const spec = own('users', 'insists.mjs', { port, env: { GATE: gate }, timeoutMs: 8_000 });
  const { startError, story } = trial([{ ...spec, ready: { ...spec.ready, probe: { kind: 'tcp' } } }], root);
  const failed = startError();
  await until('the service has started', () => story().includes('service-starting users'));
  const stale = await listenOn(port);
  writeFileSync(gate, '');
  const error = await failed;
  await stale.close();
  expect(story()).not.toContain('service-ready users');
  expect(error.message).toContain(`its port is held by pid ${process.pid} (`);
  expect(error.message).toContain('which users did not start');
  expect(error.detail).toContain('no port: EADDRINUSE');
});
