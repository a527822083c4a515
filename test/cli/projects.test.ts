import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ownServer } from '../services/databases.ts';
import { describeWithPostgres } from '../services/postgres/with-postgres.ts';
import { fixture, freePort, listenOn, living, temporaryFolder } from '../topology/support.ts';
import { ROOT, runCli, startCli } from './run-cli.ts';

// Whole stacks, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** Below the ports that tests are given otherwise, so that nobody picks one here that somebody is about to use there. */
const range = { SHOPCTL_PORT_RANGE: '10000-11999' };

type Cli = (...args: string[]) => ReturnType<typeof runCli>;

/** The bundled shop as it is in a folder of its own. Whatever runs there at the end is stopped. */
function shopFolder(projects: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'shopctl-projects-'));
  for (const name of ['suites', 'contracts', 'dist', 'package.json', 'node_modules'])
    symlinkSync(join(ROOT, name), join(folder, name));
  const config = readFileSync(join(ROOT, 'e2e.config.yaml'), 'utf8');
  const patient = config.replaceAll('ready: { http: /healthz }', 'ready: { http: /healthz, timeout: 2m }');
  writeFileSync(join(folder, 'e2e.config.yaml'), patient);
  const surroundings = { cwd: folder, env: { ...range, ...env } };
  onTestFinished(async () => {
    for (const project of projects) await runCli(['--project', project, 'down'], surroundings);
    rmSync(folder, { recursive: true });
  }, 240_000);
  const cliOf =
    (project: string): Cli =>
    (...args) =>
      runCli(['--project', project, '--topology', 'balances', ...args], surroundings);
  return { folder, cliOf };
}

/** A project folder with a service on any port, and one on a port that the file names. */
async function smallFolder() {
  const folder = temporaryFolder();
  const fixed = await freePort();
  const service = (port: number, rest = '') =>
    `{ command: [${process.execPath}, ${fixture('listens.mjs')}], port: ${port}, ready: { http: /, timeout: 60s }${rest} }`;
  const config = [
    'name: trial',
    'services:',
    `  users: ${service(0)}`,
    `  orders: ${service(fixed, ', env: { USERS_URL: "${services.users.url}" }')}`,
    '',
  ];
  writeFileSync(join(folder, 'e2e.config.yaml'), config.join('\n'));
  const surroundings = { cwd: folder, env: range };
  const cli: Cli = (...args) => runCli(args, surroundings);
  onTestFinished(async () => {
    for (const project of ['default', 'a', 'b']) await cli('--project', project, 'down');
  });
  return { folder, fixed, cli, surroundings };
}

interface Found {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  readonly url: string;
  readonly state: string;
}

async function servicesOf(cli: Cli, ...args: string[]): Promise<readonly Found[]> {
  const { stdout } = await cli(...args, 'status', '--json');
  const document: { services: Found[] } = JSON.parse(stdout);
  return document.services;
}

const portOf = (services: readonly Found[], wanted: string) =>
  services.find(({ name }) => name === wanted)?.port ?? 0;

async function balanceOf(services: readonly Found[], user: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${portOf(services, 'users')}/api/users/${user}/balance`);
  return answer.status;
}

test('two projects of the bundled shop run side by side, and the end of one is not that of the other', async () => {
  const { cliOf } = shopFolder(['a', 'b']);
  const [a, b] = [cliOf('a'), cliOf('b')];
  const [upA, upB] = await Promise.all([a('--free-ports', 'up', '-d'), b('--free-ports', 'up', '-d')]);
  expect(upA, upA.stderr).toMatchObject({ code: 0 });
  expect(upB, upB.stderr).toMatchObject({ code: 0 });
  expect(upA.stderr).toContain('3 services ready; `shopctl --project a down` stops them');

  const [inA, inB] = [await servicesOf(a), await servicesOf(b)];
  const ports = [...inA, ...inB].map(({ port }) => port);
  expect(new Set(ports).size).toBe(6);
  expect(ports.filter((port) => port >= 10_000 && port <= 11_999)).toEqual(ports);

  const tested = await b('test', 'e2e', '--jobs', '4');
  expect(tested, `${tested.stdout}\n${tested.stderr}`).toMatchObject({ code: 0 });
  const identities = (services: typeof inA) =>
    services.map(({ name, pid, port, state }) => ({ name, pid, port, state }));
  expect(identities(await servicesOf(b))).toEqual(identities(inB));
  expect(identities(await servicesOf(a))).toEqual(identities(inA));

  expect(await a('down')).toMatchObject({ code: 0 });
  expect(await living(inA.map(({ pid }) => pid))).toEqual([]);
  expect(await living(inB.map(({ pid }) => pid))).toEqual(inB.map(({ pid }) => pid));
  expect(await balanceOf(inB, '2')).toBe(200);
});

describeWithPostgres('on PostgreSQL', () => {
  test('two projects have databases of their own', async () => {
    const server = ownServer();
    onTestFinished(server.forget);
    const { cliOf } = shopFolder(['a', 'b'], { DATABASE_URL: server.url, DATABASE_POOL: '2' });
    const [a, b] = [cliOf('a'), cliOf('b')];
    const ups = await Promise.all([a, b].map((cli) => cli('--free-ports', 'up', '-d', 'users')));
    expect(ups.map(({ code }) => code)).toEqual([0, 0]);
    const [inA, inB] = [await servicesOf(a), await servicesOf(b)];
    const created = await fetch(`http://127.0.0.1:${portOf(inA, 'users')}/api/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'only-in-a', email: 'a@example.com', balance: '1.00' }),
    });
    const user: { id?: string; user_id?: string } = JSON.parse(await created.text());
    expect(created.status, JSON.stringify(user)).toBe(201);
    const id = String(user.id ?? user.user_id);
    expect(await balanceOf(inA, id)).toBe(200);
    expect(await balanceOf(inB, id)).toBe(404);
  });
});

test('a service on any port keeps it over restarts, and every command knows it', async () => {
  const { fixed, cli } = await smallFolder();
  expect(await cli('up', '-d')).toMatchObject({ code: 0 });
  const first = await servicesOf(cli);
  expect(portOf(first, 'orders')).toBe(fixed);
  expect(portOf(first, 'users')).toBeGreaterThanOrEqual(10_000);
  expect((await fetch(`http://127.0.0.1:${portOf(first, 'users')}/`)).status).toBe(200);
  await cli('down');
  await cli('up', '-d');
  expect(portOf(await servicesOf(cli), 'users')).toBe(portOf(first, 'users'));
  await cli('down');

  const listener = await listenOn(portOf(first, 'users'));
  const again = await cli('up', '-d');
  await listener.close();
  expect(again, again.stderr).toMatchObject({ code: 0 });
  const moved = portOf(await servicesOf(cli), 'users');
  expect(moved).not.toBe(portOf(first, 'users'));
  expect((await fetch(`http://127.0.0.1:${moved}/`)).status).toBe(200);
});

test('a port that another project has is refused with its name, and free ports are the way out', async () => {
  const { fixed, cli } = await smallFolder();
  await cli('--project', 'a', 'up', '-d');
  const refused = await cli('--project', 'b', 'up', '-d');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(
    `error [port-taken] port ${fixed} of orders is taken by orders of the project a, which runs (pid `,
  );
  expect(refused.stderr).toContain(
    'hint: `--free-ports` gives this one ports of its own; `shopctl --project a down` stops the other',
  );
  const up = await cli('--project', 'b', '--free-ports', 'up', '-d');
  expect(up, up.stderr).toMatchObject({ code: 0 });
  const status = await cli('status');
  expect(status.stdout).toContain(
    'beside it runs the project a (topology default, 2 services): `shopctl --project a status`\n' +
      'beside it runs the project b (topology default, 2 services): `shopctl --project b status`\n',
  );
});

test('two that start at one moment pick different ports, however few there are', async () => {
  const folder = temporaryFolder();
  const service = `{ command: [${process.execPath}, ${fixture('listens.mjs')}], port: 0, ready: { http: /, timeout: 60s } }`;
  const names = ['one', 'two', 'three', 'four', 'five'];
  const config = ['services:', ...names.map((name) => `  ${name}: ${service}`), ''].join('\n');
  writeFileSync(join(folder, 'e2e.config.yaml'), config);
  const surroundings = { cwd: folder, env: { SHOPCTL_PORT_RANGE: '9900-9949' } };
  const cli: Cli = (...args) => runCli(args, surroundings);
  onTestFinished(async () => {
    for (const project of ['a', 'b']) await cli('--project', project, 'down');
  });
  const ups = await Promise.all(['a', 'b'].map((project) => cli('--project', project, 'up', '-d')));
  expect(ups.map(({ code, stderr }) => [code, stderr.includes('5 services ready')])).toEqual([
    [0, true],
    [0, true],
  ]);
  const both = [...(await servicesOf(cli, '--project', 'a')), ...(await servicesOf(cli, '--project', 'b'))];
  expect(new Set(both.map(({ port }) => port)).size).toBe(10);
});

test('SHOPCTL_PROJECT names the project of every command', async () => {
  const { folder, cli } = await smallFolder();
  const surroundings = { cwd: folder, env: { ...range, SHOPCTL_PROJECT: 'a' } };
  expect(await runCli(['up', '-d'], surroundings)).toMatchObject({ code: 0 });
  const named = await runCli(['status', '--json'], surroundings);
  expect(JSON.parse(named.stdout)).toMatchObject({ project: 'a', phase: 'up' });
  expect(JSON.parse((await cli('status', '--json')).stdout)).toMatchObject({
    ...{ project: null, phase: 'stopped' },
    running_projects_beside: [{ project: 'a', topology: 'default' }],
  });
  expect(await runCli(['logs', 'users'], surroundings)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/listening on \d+/),
  });
  expect(await runCli(['down'], surroundings)).toMatchObject({
    code: 0,
    stdout: 'orders  stopped\nusers   stopped\n',
  });
});

test('a name that is no folder of ours is a usage error', async () => {
  const { cli } = await smallFolder();
  expect(await cli('--project', '../../etc', 'down', '--volumes')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('error [usage] --project is no name for a project: "../../etc"'),
  });
});

test('the foreground has ports of its own as well, and gives them back', async () => {
  const { cli, surroundings } = await smallFolder();
  const up = startCli(['--project', 'a', '--free-ports', 'up'], surroundings);
  await up.shows('2 services ready');
  const running = await servicesOf(cli, '--project', 'a');
  expect(running.map(({ state }) => state)).toEqual(['ready', 'ready']);
  up.child.kill('SIGINT');
  expect(await up.exited).toMatchObject({ code: 130 });
  for (const { port } of running) await (await listenOn(port)).close();
});
