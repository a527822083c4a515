import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import {
  fixture,
  freePorts,
  isRunning,
  listenOn,
  living,
  temporaryFolder,
  until,
} from '../topology/support.ts';
import { BIN, runCli, startCli } from './run-cli.ts';

interface Service {
  readonly program: string;
  readonly needs?: string;
  readonly env?: string;
  readonly timeout?: string;
}

/** A project folder; whatever still runs in it at the end of the test is stopped. */
async function project(services: Readonly<Record<string, Service>>) {
  const folder = temporaryFolder();
  const names = Object.keys(services);
  const ports = await freePorts(names.length);
  const lines = Object.entries(services).map(
    ([name, { program, needs = '', env = '', timeout = '15s' }], index) => {
      const command = JSON.stringify(
        `${program.endsWith('.sh') ? 'sh' : process.execPath} ${fixture(program)}`,
      );
      const ready = `{ http: /, timeout: ${timeout} }`;
      return `  ${name}: { command: ${command}, port: ${ports[index]}, needs: [${needs}], env: {${env}}, ready: ${ready} }`;
    },
  );
  writeFileSync(join(folder, 'e2e.config.yaml'), ['name: trial', 'services:', ...lines, ''].join('\n'));
  onTestFinished(async () => {
    await runCli(['down'], { cwd: folder });
  });
  return { folder, ports, run: (...args: string[]) => runCli(args, { cwd: folder }) };
}

const twoServices = () =>
  project({ users: { program: 'listens.mjs' }, orders: { program: 'listens.mjs', needs: 'users' } });

function statePids(folder: string): number[] {
  const state: { services: { pid?: number }[] } = JSON.parse(
    readFileSync(join(folder, '.shopctl', 'state.json'), 'utf8'),
  );
  return state.services.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
}

test('up -d, status and down from one shell after the other', async () => {
  const { folder, ports, run } = await twoServices();
  const up = await run('up', '-d');
  expect(up).toMatchObject({ code: 0, stdout: '' });
  expect(up.stderr).toMatch(/^users {3}ready in .* http:\/\/127\.0\.0\.1:\d+ \(pid \d+\)$/m);
  expect(up.stderr).toContain('2 services ready; `shopctl down` stops them');

  const status = await run('status', '--json');
  expect(status.code).toBe(0);
  expect(JSON.parse(status.stdout)).toMatchObject({
    schema: 'shopctl/status/1',
    phase: 'up',
    services: [
      { name: 'users', state: 'ready', port: ports[0], pid: expect.any(Number) },
      { name: 'orders', state: 'ready', port: ports[1], url: `http://127.0.0.1:${ports[1]}` },
    ],
  });
  const pids = statePids(folder);

  const down = await run('down');
  expect(down).toMatchObject({ code: 0, stdout: 'orders  stopped\nusers   stopped\n', stderr: '' });
  expect(await living(pids)).toEqual([]);
  for (const port of ports) await (await listenOn(port)).close();
  expect(await run('down')).toMatchObject({ code: 0, stdout: 'nothing was running\n' });
});

test('up -d --json prints one document with every service', async () => {
  const { run } = await twoServices();
  const up = await run('up', '-d', '--json');
  expect(up.stderr).toBe('');
  expect(JSON.parse(up.stdout)).toMatchObject({
    schema: 'shopctl/up/1',
    services: [
      { name: 'users', state: 'ready' },
      { name: 'orders', state: 'ready' },
    ],
  });
});

test('naming a service starts it and what it needs, and nothing else', async () => {
  const { run } = await project({
    users: { program: 'listens.mjs' },
    orders: { program: 'listens.mjs', needs: 'users' },
    mail: { program: 'listens.mjs' },
  });
  await run('up', '-d', 'orders');
  const names = JSON.parse((await run('status', '--json')).stdout).services.map(
    ({ name }: { name: string }) => name,
  );
  expect(names).toEqual(['users', 'orders']);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends a foreground up with 130, everything stopped',
  async (signal) => {
    const { folder, run } = await twoServices();
    const up = startCli(['up'], { cwd: folder });
    await up.shows('Ctrl-C stops them');
    const pids = statePids(folder);
    up.child.kill(signal);
    const { code, stderr } = await up.exited;
    expect(code).toBe(130);
    expect(stderr).toMatch(/orders {2}stopped in .*\nusers {3}stopped in /);
    expect(pids).toHaveLength(2);
    expect(await living(pids)).toEqual([]);
    expect((await run('status')).stdout).toContain('nothing runs');
  },
);

test('Ctrl-C while services start ends with 130 and leaves nothing', async () => {
  const { folder } = await project({
    users: { program: 'listens.mjs' },
    orders: { program: 'never-listens.sh', needs: 'users' },
  });
  const up = startCli(['up'], { cwd: folder });
  await up.shows('users   ready');
  await until('the second one has a process', () => statePids(folder).length === 2);
  const pids = statePids(folder);
  up.child.kill('SIGINT');
  const { code, stderr } = await up.exited;
  expect(code).toBe(130);
  expect(stderr).not.toContain('    at ');
  expect(await living(pids)).toEqual([]);
});

test('a second Ctrl-C kills what does not want to stop', async () => {
  const { folder } = await project({ users: { program: 'ignores-sigterm.mjs' } });
  const up = startCli(['up'], { cwd: folder });
  await up.shows('Ctrl-C stops them');
  up.child.kill('SIGINT');
  await up.shows('not now');
  up.child.kill('SIGINT');
  const { code, stderr } = await up.exited;
  expect(code).toBe(130);
  expect(stderr).toContain('users  killed: it did not end when asked to');
});

test('the foreground shows what services write, and says loudly when one ends by itself', async () => {
  const { folder, ports } = await twoServices();
  const up = startCli(['up'], { cwd: folder });
  await up.shows('Ctrl-C stops them');
  await fetch(`http://127.0.0.1:${ports[0]}/exit`);
  await up.shows('users   ENDED by itself: exit code 7');
  await up.shows('users  | leaving as asked');
  expect(up.child.exitCode).toBeNull();
  await fetch(`http://127.0.0.1:${ports[1]}/exit`);
  const { code, stderr } = await up.exited;
  expect(code).toBe(3);
  expect(stderr).toContain('every service has ended by itself; nothing runs any more');
});

test('a foreground up whose reader has gone leaves nothing behind', async () => {
  const { folder, ports } = await twoServices();
  const shell = spawn('sh', ['-c', '"$0" "$1" up --json | head -n 1', process.execPath, BIN], {
    cwd: folder,
    stdio: 'ignore',
  });
  await new Promise((resolve) => shell.once('exit', resolve));
  await until('the ports are free again', async () => {
    const tries = await Promise.allSettled(ports.map((port) => listenOn(port)));
    for (const one of tries) if (one.status === 'fulfilled') await one.value.close();
    return tries.every(({ status }) => status === 'fulfilled');
  });
});

test('work that is cut short because its reader has gone is not good', async () => {
  const { folder } = await twoServices();
  const up = startCli(['up', '--json'], { cwd: folder });
  up.child.stdout?.destroy();
  expect(await up.exited).toMatchObject({ code: 130, stderr: '' });
});

test('a foreground up of services that run elsewhere stays until it is interrupted', async () => {
  const outside = await listenOn(0);
  onTestFinished(outside.close);
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'e2e.config.yaml'),
    `services: { legacy: { url: "http://127.0.0.1:${outside.port}" } }`,
  );
  const up = startCli(['up'], { cwd: folder });
  await up.shows('1 service ready; Ctrl-C stops them');
  const status = await runCli(['status', '--json'], { cwd: folder });
  expect(JSON.parse(status.stdout)).toMatchObject({ phase: 'up', supervisor: { pid: up.child.pid } });
  up.child.kill('SIGINT');
  expect(await up.exited).toMatchObject({ code: 130 });
});

test('a foreground up whose talk nobody reads goes on', async () => {
  const { folder, run } = await twoServices();
  const up = spawn(process.execPath, [BIN, 'up'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  up.stderr.destroy();
  await until('all are ready', async () => {
    const { phase } = JSON.parse((await run('status', '--json')).stdout);
    if (up.exitCode !== null) throw new Error(`it ended with ${up.exitCode}`);
    return phase === 'up';
  });
  up.kill('SIGINT');
  const code = await new Promise((resolve) => up.once('exit', resolve));
  expect(code).toBe(130);
});

test('a required service that is not ready makes status end with 3 and say why', async () => {
  const { ports, run } = await twoServices();
  await run('up', '-d');
  await fetch(`http://127.0.0.1:${ports[0]}/exit`);
  await until('the exit is known', async () => (await run('status')).stdout.includes('exit code 7'));
  const { code, stdout } = await run('status');
  expect(code).toBe(3);
  expect(stdout).toMatch(/^users {4}exited/m);
  expect(stdout).toContain('users ended by itself: exit code 7; `shopctl logs users` has its last words');
});

test('status still says how a service came to its end when nothing runs any more', async () => {
  const { ports, run } = await project({ users: { program: 'listens.mjs' } });
  await run('up', '-d');
  await fetch(`http://127.0.0.1:${ports[0]}/exit`);
  await until('nothing runs', async () => (await run('status')).stdout.includes('nothing runs'));
  const { code, stdout } = await run('status');
  expect(code).toBe(0);
  expect(stdout).toContain('users ended by itself: exit code 7');
});

test('a second up is refused while the first runs', async () => {
  const { run } = await twoServices();
  await run('up', '-d');
  const { code, stderr } = await run('up');
  expect(code).toBe(3);
  expect(stderr).toMatch(
    /^error \[already-running\] trial already runs with the topology .* pid \d+ holds it$/m,
  );
  expect(stderr).toContain('hint: watch that one with `shopctl up --attach`, or stop it with `shopctl down`');
});

test('a taken port ends up with 3, the pid and the command of its owner', async () => {
  const { ports, run } = await twoServices();
  const owner = await listenOn(ports[1] ?? 0);
  const { code, stderr } = await run('up');
  await owner.close();
  expect(code).toBe(3);
  expect(stderr).toContain(`port ${ports[1]} of orders is taken by pid ${process.pid} (`);
  expect(stderr).not.toContain('ready');
});

test('a service that dies at start ends up -d with 3 and its last lines', async () => {
  const { run } = await project({ users: { program: 'dies.mjs' } });
  const { code, stderr } = await run('up', '-d');
  expect(code).toBe(3);
  expect(stderr).toContain('users ended while it was starting: exit code 4');
  expect(stderr).toContain('  Error: no database');
});

test('logs come merged, limited, filtered and as JSON', async () => {
  const { run } = await twoServices();
  await run('up', '-d');
  await run('down');
  const all = await run('logs');
  expect(all.stdout.split('\n').map((line) => line.replace(/\d+$/, 'N'))).toEqual([
    'users  | listening on N',
    'orders | listening on N',
    '',
  ]);
  expect((await run('logs', '-n', '1')).stdout).toMatch(/^orders \| .*\n$/);
  expect((await run('logs', 'users')).stdout).toMatch(/^users \| .*\n$/);
  expect((await run('logs', '--since', '1h')).stdout).toBe(all.stdout);
  const [first = ''] = (await run('logs', '--json')).stdout.split('\n');
  expect(JSON.parse(first)).toMatchObject({ service: 'users', text: expect.stringContaining('listening') });
});

test('logs of a service that the running topology lacks says which topology runs, and what it has', async () => {
  const { folder, run } = await twoServices();
  appendFileSync(join(folder, 'e2e.config.yaml'), 'topologies: { small: { services: [users] } }\n');
  await run('up', '-d', '--topology', 'small');
  const { code, stderr } = await run('logs', 'orders');
  expect(code).toBe(2);
  expect(stderr).toContain('there is no service orders in the topology small');
  expect(stderr).toContain('it has users;');
});

test('logs -f follows until it is interrupted', async () => {
  const { folder, ports, run } = await twoServices();
  await run('up', '-d');
  const logs = startCli(['logs', '-f'], { cwd: folder });
  await logs.shows('orders | listening');
  await fetch(`http://127.0.0.1:${ports[0]}/exit`);
  await logs.shows('users  | leaving as asked');
  logs.child.kill('SIGINT');
  expect((await logs.exited).code).toBe(130);
});

test('what cannot be meant is refused with a remedy', async () => {
  const { run } = await twoServices();
  const unknown = await run('up', 'user');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('there is no service user in the topology');
  expect(unknown.stderr).toContain('it has users, orders');
  expect((await run('logs', 'user')).code).toBe(2);
  const since = await run('logs', '--since', 'yesterday');
  expect(since.code).toBe(2);
  expect(since.stderr).toContain('It must be a duration such as 30s, 5m or 1h.');
});

test('a launcher that is killed before all are ready leaves nothing', async () => {
  const { folder, run } = await project({ users: { program: 'never-listens.sh', timeout: '600s' } });
  const up = startCli(['up', '-d'], { cwd: folder });
  const hasProcess = () => {
    try {
      return statePids(folder).length === 1;
    } catch {
      return false;
    }
  };
  await until('the service has a process', hasProcess);
  const [pid = 0] = statePids(folder);
  up.child.kill('SIGKILL');
  await until('the service is gone', async () => !(await isRunning(pid)));
  expect((await run('status')).stdout).toContain('users    stopped');
});

/** util-linux has a `script` that runs a command in a terminal of its own; elsewhere it takes other options. */
const hasTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');

async function inTerminal(folder: string, columns: number, command: string) {
  const line = `stty cols ${columns} rows 24; '${process.execPath}' '${BIN}' ${command}`;
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: folder,
    env: { PATH, HOME, TERM: 'xterm' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let shown = '';
  for await (const chunk of child.stdout) shown += chunk;
  return stripVTControlCharacters(shown);
}

test.runIf(hasTerminal)('on a terminal every service has one line that is redrawn', async () => {
  const { folder } = await twoServices();
  const shown = await inTerminal(folder, 80, 'up -d');
  expect(shown).toMatch(/orders {2}waiting/);
  expect(shown).toMatch(/✔ users {3}ready in .*\r\n✔ orders {2}ready in .*\r\n2 services ready/);
});

test.runIf(hasTerminal)('in a terminal that is too narrow for that, plain lines are printed', async () => {
  const { folder } = await twoServices();
  const shown = await inTerminal(folder, 20, 'up -d');
  expect(shown).not.toContain('waiting');
  expect(shown).toMatch(/^users {3}ready in .*\r\norders {2}ready in /);
});
