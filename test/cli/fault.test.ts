import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fixture, freePorts } from '../topology/support.ts';
import { ROOT, runCli } from './run-cli.ts';

// `users` takes faults, `closed` is the same program that does not open its endpoint, `plain` has none at all, and
// `odd` answers 200 to everything.

const users = `${process.execPath} ${join(ROOT, 'dist/shop/users.cjs')}`;
const listens = `${process.execPath} ${fixture('listens.mjs')}`;
const readBalance = 'GET /api/users/{id}/balance';

let folder: string;
let ports: number[];
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'shopctl-fault-')));
  ports = await freePorts(4);
  const [usersPort, closedPort, plainPort, oddPort] = ports;
  const settings = (name: string) => `DATA_DIR: ${join(folder, name)}, SEED: 1, PASSWORD_COST: 10`;
  const lines = [
    'name: trial',
    'topology: shop',
    'services:',
    `  users: { command: ${users}, port: ${usersPort}, ready: { http: /healthz }, simulate: /_simulate, env: { ${settings('users')}, SIMULATE_ADMIN: "on" } }`,
    `  closed: { command: ${users}, port: ${closedPort}, ready: { http: /healthz }, simulate: /_simulate, env: { ${settings('closed')} } }`,
    `  plain: { command: ${listens}, port: ${plainPort} }`,
    `  odd: { command: ${listens}, port: ${oddPort}, simulate: /faults }`,
    'topologies:',
    '  shop: { services: [users, closed, plain] }',
    '  odd: { services: [odd] }',
    '  plain: { services: [plain] }',
    '',
  ];
  writeFileSync(join(folder, 'e2e.config.yaml'), lines.join('\n'));
  expect(await run('up', '-d')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await run('down');
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => runCli(args, { cwd: folder });
const clear = async () => {
  expect(await run('fault', 'clear')).toMatchObject({ code: 0 });
};
const statusOf = async (path: string) => (await fetch(`http://127.0.0.1:${ports[0]}${path}`)).status;

describe('fault set', () => {
  afterEach(clear);

  it('works from the next request on, until fault clear', async () => {
    expect(await statusOf('/api/users/1')).toBe(200);
    const set = await run('fault', 'set', 'users', '--failure-rate', '100%');
    expect(set).toMatchObject({ code: 0 });
    expect(set.stdout).toBe('SERVICE  ROUTE        LATENCY  FAILURES\nusers    every route  -        100%\n');
    expect(set.stderr).toBe('until `shopctl fault clear users`, or until users restarts\n');
    expect(await statusOf('/api/users/1')).toBe(503);
    expect(await statusOf('/healthz')).toBe(200);
    const cleared = await run('fault', 'clear', 'users');
    expect(cleared).toMatchObject({ code: 0, stdout: set.stdout });
    expect(await statusOf('/api/users/1')).toBe(200);
  });

  it('adds to what is set, and prefers what is set for a route', async () => {
    await run('fault', 'set', 'users', '--failure-rate', '100%');
    await run('fault', 'set', 'users', '--route', 'get /api/users/{id}/balance', '--failure-rate', '0%');
    const set = await run('fault', 'set', 'users', '--latency', 'constant(1ms)', '--json');
    expect(JSON.parse(set.stdout)).toEqual({
      schema: 'shopctl/fault-set/1',
      topology: 'shop',
      services: [
        {
          service: 'users',
          since: expect.stringMatching(/^\d{4}-.*Z$/),
          closed: null,
          faults: [
            { route: null, latency: 'constant(1ms)', failure_rate: '100%' },
            { route: readBalance, latency: null, failure_rate: '0%' },
          ],
        },
      ],
    });
    expect(set.stderr).toBe('');
    expect(await statusOf('/api/users/1/balance')).toBe(200);
    expect(await statusOf('/api/users/1')).toBe(503);
  });

  it('lets the same requests of a seed fail again after a restart', async () => {
    const course = async () => {
      await run('fault', 'set', 'users', '--failure-rate', '50%');
      const statuses: number[] = [];
      for (let request = 0; request < 20; request += 1) statuses.push(await statusOf('/api/users/2'));
      return statuses;
    };
    await run('down');
    await run('up', '-d');
    const first = await course();
    await run('down');
    await run('up', '-d');
    expect(await course()).toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 503]));
  });
});

describe('fault list and fault clear', () => {
  afterEach(clear);

  it('show every service that runs, and say which do not open their endpoint', async () => {
    expect(await run('fault', 'list')).toMatchObject({
      code: 0,
      stdout: 'no faults are set\n',
      stderr: expect.stringMatching(/^closed takes no faults: GET http:.* answers 404: .*\n$/),
    });
    await run('fault', 'set', 'users', '--failure-rate', '1%');
    const { services } = JSON.parse((await run('fault', 'list', '--json')).stdout);
    expect(services).toMatchObject([
      { service: 'users', closed: null, faults: [{ failure_rate: '1%' }] },
      { service: 'closed', closed: expect.stringContaining('takes no faults'), faults: [] },
    ]);
  });

  it('clears one route and leaves the rest', async () => {
    await run('fault', 'set', 'users', '--failure-rate', '1%');
    await run('fault', 'set', 'users', '--failure-rate', '2%', '--route', readBalance);
    const cleared = await run('fault', 'clear', 'users', '--route', readBalance);
    expect(cleared.stdout).toMatch(/balance +- +2%\n$/);
    expect((await run('fault', 'list', 'users')).stdout).toMatch(/\nusers +every route +- +1%\n$/);
    const again = await run('fault', 'clear', 'users', '--route', readBalance);
    expect(again).toMatchObject({ code: 0, stdout: 'no faults were set\n' });
  });

  it('find nothing after a restart', async () => {
    await run('fault', 'set', 'users', '--failure-rate', '100%');
    await run('down');
    await run('up', '-d');
    expect((await run('fault', 'list', 'users')).stdout).toBe('no faults are set\n');
    expect(await statusOf('/api/users/1')).toBe(200);
  });

  it('show examples in their help', async () => {
    const help = await run('fault', 'set', '--help');
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('shopctl fault set payments --failure-rate 50%');
  });
});

interface Mistake {
  readonly args: readonly string[];
  readonly exit: number;
}

async function expectMistake(name: string, { args, exit }: Mistake) {
  const result = await run('fault', ...args);
  expect(result).toMatchObject({ code: exit, stdout: '' });
  expect(result.stderr).not.toMatch(/^\s+at /m);
  const shown = ports.reduce((text, port) => text.replaceAll(String(port), '<port>'), result.stderr);
  await expect(shown).toMatchFileSnapshot(`../golden/fault-${name}.txt`);
}

const ofPercent = ['--failure-rate', '50%'];

it.each<[string, Mistake]>([
  ['nothing', { args: ['set', 'users'], exit: 2 }],
  ['bad-latency', { args: ['set', 'users', '--latency', '500ms'], exit: 2 }],
  ['bad-rate', { args: ['set', 'users', '--failure-rate', 'half'], exit: 2 }],
  ['bad-route', { args: ['clear', 'users', '--route', '/login'], exit: 2 }],
  ['unknown-route', { args: ['set', 'users', ...ofPercent, '--route', 'GET /api/user/{id}'], exit: 2 }],
  ['route-of-all', { args: ['clear', '--route', readBalance], exit: 2 }],
  ['unknown-service', { args: ['set', 'user', ...ofPercent], exit: 2 }],
  ['unsupported', { args: ['set', 'plain', ...ofPercent], exit: 2 }],
  ['refused', { args: ['set', 'users', '--latency', 'constant(1h)'], exit: 2 }],
  ['closed', { args: ['set', 'closed', ...ofPercent], exit: 3 }],
  ['other-topology', { args: ['list', '--topology', 'odd'], exit: 3 }],
])('the mistake %s is explained', expectMistake);

describe('where something else runs, or nothing', () => {
  beforeAll(async () => {
    await run('down');
  });
  afterAll(async () => {
    await run('down');
  });

  it.each<[string, Mistake]>([
    ['service-down', { args: ['set', 'users', ...ofPercent], exit: 3 }],
    ['all-down', { args: ['list'], exit: 3 }],
    ['none-supports', { args: ['list', '--topology', 'plain'], exit: 2 }],
  ])('the mistake %s is explained', expectMistake);

  it('a service that answers nonsense is told as such', async () => {
    await run('up', '-d', '--topology', 'odd');
    await expectMistake('endpoint-failed', { args: ['list', 'odd', '--topology', 'odd'], exit: 3 });
  });
});
