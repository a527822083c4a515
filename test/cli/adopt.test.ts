import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fixture, freePorts, isRunning, temporaryFolder, until } from '../topology/support.ts';
import { runCli, startCli } from './run-cli.ts';

/** A project of two services, the first of which somebody already runs by hand. */
async function halfRunning() {
  const folder = temporaryFolder();
  const [users = 0, orders = 0] = await freePorts(2);
  const service = (port: number, needs: string) =>
    `{ command: node '${fixture('listens.mjs')}', port: ${port}, needs: [${needs}], ready: { http: / } }`;
  writeFileSync(
    join(folder, 'e2e.config.yaml'),
    `name: trial\nservices:\n  users: ${service(users, '')}\n  orders: ${service(orders, 'users')}\n`,
  );
  writeSuite(folder);
  const byHand = spawn('node', [fixture('listens.mjs')], {
    cwd: folder,
    env: { ...process.env, PORT: String(users) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(byHand, 'exit');
  onTestFinished(async () => {
    await runCli(['down'], { cwd: folder });
    byHand.kill('SIGKILL');
    await ended;
  });
  await once(byHand.stdout, 'data');
  const { pid = 0 } = byHand;
  return { folder, byHand, ended, pid, run: (...args: string[]) => runCli(args, { cwd: folder }) };
}

function writeSuite(folder: string): void {
  const steps = '    - get: ${users}/\n      expect: { status: 200 }\n';
  writeFileSync(
    join(folder, 'suite.yaml'),
    `suite: Both\ntests:\n  - test: users answers\n    steps:\n${steps}`,
  );
}

function pidOnDisk(folder: string, service: string): number {
  const state: { services: { name: string; pid?: number }[] } = JSON.parse(
    readFileSync(join(folder, '.shopctl', 'state.json'), 'utf8'),
  );
  return state.services.find(({ name }) => name === service)?.pid ?? 0;
}

test('up -d --adopt, status, logs and down treat an adopted service as what it is', async () => {
  const { pid, run } = await halfRunning();
  const up = await run('up', '-d', '--adopt');
  expect(up.code).toBe(0);
  expect(up.stderr).toMatch(new RegExp(`^users {3}adopted, ready in .* \\(pid ${pid}\\)$`, 'm'));
  expect(up.stderr).toContain('2 services ready; `shopctl down` stops those that are not adopted');

  expect((await run('status')).stdout).toMatch(new RegExp(`^users +ready, adopted +\\d+ +${pid} `, 'm'));
  expect(JSON.parse((await run('status', '--json')).stdout).services).toMatchObject([
    { name: 'users', kind: 'own', adopted: true, pid },
    { name: 'orders', adopted: false },
  ]);

  const logs = await run('logs');
  expect(logs.stdout).toMatch(/^orders \| listening on \d+\n$/);
  expect(logs.stderr).toBe('no logs of users: adopted, so that what it writes goes to whoever started it\n');

  const down = await run('down');
  expect(down.stdout).toBe(
    'orders  stopped\nusers   left running: it was adopted, and whoever started it stops it\n',
  );
  expect(await isRunning(pid)).toBe(true);
});

test('the end of an adopted service is told in the foreground, and Ctrl-C stops the rest', async () => {
  const { folder, byHand, ended } = await halfRunning();
  const up = startCli(['up', '--adopt'], { cwd: folder });
  await up.shows('Ctrl-C stops those that are not adopted');
  byHand.kill('SIGKILL');
  await ended;
  await up.shows('users   ENDED by itself (it was adopted: its exit code is not known)');
  up.child.kill('SIGINT');
  expect((await up.exited).code).toBe(130);
});

test('Ctrl-C leaves an adopted service running and says so', async () => {
  const { folder, pid } = await halfRunning();
  const up = startCli(['up', '--adopt'], { cwd: folder });
  await up.shows('Ctrl-C stops those that are not adopted');
  up.child.kill('SIGINT');
  const { code, stderr } = await up.exited;
  expect(code).toBe(130);
  expect(stderr).toContain('users   left running: it was adopted, and whoever started it stops it');
  expect(await isRunning(pid)).toBe(true);
});

test('when the tool is killed, its watchdog ends what it started and not what it adopted', async () => {
  const { folder, pid, run } = await halfRunning();
  const up = startCli(['up', '--adopt'], { cwd: folder });
  await up.shows('Ctrl-C stops those that are not adopted');
  const orders = pidOnDisk(folder, 'orders');
  up.child.kill('SIGKILL');
  await until('what it started is gone', async () => !(await isRunning(orders)));
  await until('the watchdog has written that', () => pidOnDisk(folder, 'orders') === 0);
  expect(await isRunning(pid)).toBe(true);
  // Nothing is left that the next start would have to end.
  const again = await run('up', '-d', '--adopt');
  expect(again).toMatchObject({ code: 0 });
  expect(again.stderr).not.toContain('was still running from an earlier run');
  expect(again.stderr).toContain('users   adopted, ready');
});

test('test e2e --adopt uses it and leaves it running', async () => {
  const { pid, run } = await halfRunning();
  const result = await run('test', 'e2e', 'suite.yaml', '--adopt');
  expect(result).toMatchObject({ code: 0 });
  expect(result.stderr).toContain('stopped orders\nleft running: users (adopted');
  expect(await isRunning(pid)).toBe(true);
});
