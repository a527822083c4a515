import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fixture, freePorts, isRunning, temporaryFolder, until } from '../topology/support.ts';
import { runCli, startCli } from './run-cli.ts';

/** A project of users and orders, which needs users. Users end at once while the file `broken` is there and empty. */
async function shop() {
  const folder = temporaryFolder();
  const ports = await freePorts(2);
  const gate = join(folder, 'gate');
  const broken = join(folder, 'broken');
  const command = (program: string) => JSON.stringify(`${process.execPath} ${fixture(program)}`);
  writeFileSync(
    join(folder, 'e2e.config.yaml'),
    `name: trial
services:
  users:
    command: ${command('listens.mjs')}
    port: ${ports[0]}
    env: { BROKEN: ${broken} }
    ready: { http: / }
    live: { timeout: 20s }
  orders:
    command: ${command('listens-after.mjs')}
    port: ${ports[1]}
    env: { GATE: ${gate} }
    needs: [users]
    ready: { http: /, timeout: 50s }
    live: { timeout: 20s }
`,
  );
  writeFileSync(gate, '');
  onTestFinished(async () => {
    await runCli(['down'], { cwd: folder });
  });
  const state = (): { supervisor: { pid: number }; services: { pid?: number; state: string }[] } =>
    JSON.parse(readFileSync(join(folder, '.shopctl', 'state.json'), 'utf8'));
  const run = (...args: string[]) => runCli(args, { cwd: folder });
  const begin = (...args: string[]) => startCli(args, { cwd: folder });
  return { folder, ports, gate, broken, state, run, begin };
}

test('restart shows what happens, and who needs the service is asked', async () => {
  const { run, state } = await shop();
  await run('up', '-d');
  const before = state().services;
  const restart = await run('restart', 'users');
  expect(restart).toMatchObject({ code: 0, stdout: '' });
  expect(restart.stderr).toMatch(
    /^orders {2}waits for users\nusers {3}stopped in .*\nusers {3}ready in .*\(pid \d+\)\norders {2}answers, now that what it needs is back\n$/,
  );
  const after = state().services;
  expect(after[0]?.pid).not.toBe(before[0]?.pid);
  expect(after[1]?.pid).toBe(before[1]?.pid);
});

test('restart --json prints one document; --with-dependants restarts those too', async () => {
  const { run, state } = await shop();
  await run('up', '-d');
  const before = state().services;
  const restart = await run('restart', 'users', '--with-dependants', '--json');
  expect(restart).toMatchObject({ code: 0, stderr: '' });
  const document = JSON.parse(restart.stdout);
  expect(document).toMatchObject({ schema: 'shopctl/restart/1', phase: 'up' });
  expect(document.services).toMatchObject([{ state: 'ready' }, { state: 'ready', waits_for: [] }]);
  expect(document.services[1].pid).not.toBe(before[1]?.pid);
});

test('restart says what is wrong: nothing runs, no such service, a start that fails', async () => {
  const { run, broken } = await shop();
  const idle = await run('restart', 'users');
  expect(idle.code).toBe(3);
  expect(idle.stderr).toContain('[not-running] trial does not run');
  await run('up', '-d');
  const unknown = await run('restart', 'user');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('hint: did you mean users?');
  writeFileSync(broken, '');
  const failed = await run('restart', 'users');
  expect(failed.code).toBe(3);
  expect(failed.stderr).toMatch(
    /\[service-failed\] users ended while it was starting: exit code 3 after .*hint: /s,
  );
  expect((await run('status')).stdout).toContain('orders needs users, and waits for it');
});

test('stop says who needs the service, and start brings it back', async () => {
  const { run } = await shop();
  await run('up', '-d');
  const stop = await run('stop', 'users');
  expect(stop.code).toBe(0);
  expect(stop.stderr).toContain('orders needs what was stopped, and waits until `shopctl start users`');
  expect((await run('stop', 'users')).stderr).toContain('users did not run');
  expect((await run('status')).code).toBe(3);
  expect((await run('start', 'users')).code).toBe(0);
  expect((await run('start', 'users')).stderr).toBe('users ran already\n');
  expect((await run('status')).code).toBe(0);
});

test('up --attach shows what a running project does; Ctrl-C leaves it running', async () => {
  const { run, begin, state, ports } = await shop();
  await run('up', '-d');
  const refused = await run('up');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('watch that one with `shopctl up --attach`');
  const attached = begin('up', '--attach');
  await attached.shows('2 services ready; Ctrl-C leaves them running');
  await fetch(`http://127.0.0.1:${ports[0]}/exit`);
  await attached.shows('leaving as asked');
  await attached.shows('users   ENDED by itself: exit code 7');
  attached.child.kill('SIGINT');
  const { code, stderr } = await attached.exited;
  expect(code).toBe(0);
  expect(stderr).toContain('detached; the services go on');
  expect(await isRunning(state().supervisor.pid)).toBe(true);
});

test('down ends whoever is attached, with 0', async () => {
  const { run, begin } = await shop();
  await run('up', '-d');
  const attached = begin('up', '--attach', '--json');
  await attached.shows('shopctl/status/1');
  expect((await run('down')).code).toBe(0);
  const { code, stdout } = await attached.exited;
  expect(code).toBe(0);
  const types = stdout.trim().split('\n').slice(1);
  expect(types.map((line) => JSON.parse(line).type)).toContain('service-stopped');
});

test('kill -9 of the supervisor ends whoever is attached with 3 and the reason', async () => {
  const { run, begin, state } = await shop();
  await run('up', '-d');
  const attached = begin('up', '--attach');
  await attached.shows('Ctrl-C leaves them running');
  process.kill(state().supervisor.pid, 'SIGKILL');
  const { code, stderr } = await attached.exited;
  expect(code).toBe(3);
  expect(stderr).toContain('[supervisor-lost] the supervisor is gone without a word');
  await until('the watchdog has ended the services', async () =>
    (await run('status')).stdout.includes('nothing runs'),
  );
});

test('what is still starting is joined: --attach and -d --attach wait until all are ready', async () => {
  const { run, begin, gate } = await shop();

  rmSync(gate);
  const first = begin('up', '-d');
  await first.shows('users   ready');
  const second = begin('up', '-d', '--attach');
  const third = begin('up', '--attach');
  for (const waits of [second, third]) await waits.shows('default is being started by pid');
  writeFileSync(gate, '');
  expect((await first.exited).code).toBe(0);
  const joined = await second.exited;
  expect(joined.code).toBe(0);
  expect(joined.stderr).toContain('2 services ready; `shopctl down` stops them');
  await third.shows('2 services ready; Ctrl-C leaves them running');
  const fourth = await run('up', '-d', '--attach', '--json');
  expect(JSON.parse(fourth.stdout)).toMatchObject({ schema: 'shopctl/up/1', phase: 'up' });
  await run('down');
  expect((await third.exited).code).toBe(0);
});

test('whoever waits for a start that fails ends with its reason', async () => {
  const { begin, gate, state } = await shop();

  rmSync(gate);
  const first = begin('up');
  await first.shows('users   ready');
  const second = begin('up', '-d', '--attach');
  await second.shows('default is being started by pid');
  process.kill(state().services[1]?.pid ?? 0, 'SIGKILL');
  expect((await first.exited).code).toBe(3);
  const { code, stderr } = await second.exited;
  expect(code).toBe(3);
  expect(stderr).toContain('orders ended while it was starting: signal SIGKILL');
});

test('where nothing runs, --attach starts it', async () => {
  const { run } = await shop();
  const up = await run('up', '-d', '--attach');
  expect(up.code).toBe(0);
  expect(up.stderr).toContain('2 services ready; `shopctl down` stops them');
});

test('-d --attach waits for a service that is being restarted', async () => {
  const { run, begin, gate } = await shop();
  await run('up', '-d');
  rmSync(gate);
  const restart = begin('restart', 'orders');
  await restart.shows('orders  stopped');
  const attached = begin('up', '-d', '--attach');
  await until('it starts', async () => (await run('status')).stdout.includes('starting'));
  writeFileSync(gate, '');
  expect((await restart.exited).code).toBe(0);
  const { code, stderr } = await attached.exited;
  expect(code).toBe(0);
  expect(stderr).toContain('2 services ready');
});

test('-d --attach to a project that is not whole ends with 3 and what is wrong', async () => {
  const { run } = await shop();
  await run('up', '-d');
  await run('stop', 'users');
  const attached = await run('up', '-d', '--attach');
  expect(attached.code).toBe(3);
  expect(attached.stderr).toContain('users is stopped');
});
