import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadProject } from '../../src/config/index.ts';
import { type MovedShop, moveShop } from './moved-shop.ts';
import { ROOT } from './run-cli.ts';

// One file, because its tests are about one stack.

// Whole runs of the shop's suites, on a machine that may have other things to do.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const documented = [5002, 5003, 5004];
const names = ['users', 'orders', 'payments'] as const;

let shop: MovedShop;
let folder: string;
let ports: number[];
const url = (name: (typeof names)[number]) => `http://localhost:${ports[names.indexOf(name)]}`;
const cli: MovedShop['cli'] = (...args) => shop.cli(...args);

beforeAll(async () => {
  shop = await moveShop({
    topology: 'balances',
    // How fast this machine is at the moment, and how many samples it gives, is not what is tested here.
    edit: (config) => config.replace('p99 < 500ms', 'p50 < 60s'),
    changed: ['suites', 'dist'],
  });
  folder = shop.folder;
  ports = documented.map(shop.portFor);
});
afterAll(() => shop.remove());

async function json(url: string, body?: string): Promise<Record<string, unknown>> {
  // As `curl -d` sends it: JSON under the form type.
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await fetch(url, body === undefined ? {} : { method: 'POST', headers, body });
  return Object(await answer.json());
}

const listeners = () =>
  ports.map((port) =>
    fetch(`http://127.0.0.1:${port}/livez`).then(
      () => `${port} listens`,
      () => 'free',
    ),
  );

describe('shopctl up -d on the balances topology', () => {
  it('has the ports of its documentation', () => {
    const file = join(ROOT, 'e2e.config.yaml');
    const { services } = loadProject({ file, topology: 'balances', env: {}, cwd: ROOT });
    expect(services.map((service) => service.kind === 'own' && service.port)).toEqual(documented);
  });

  it('lists all services ready with their pids, and the reference workflow behaves as its text says', async () => {
    expect(await cli('up', '-d')).toMatchObject({ code: 0 });
    const status = JSON.parse((await cli('status', '--json')).stdout);
    expect(status.schema).toBe('shopctl/status/1');
    expect(status.services).toMatchObject([
      { name: 'users', port: ports[0], state: 'ready', pid: expect.any(Number) },
      { name: 'orders', port: ports[1], state: 'ready', pid: expect.any(Number) },
      { name: 'payments', port: ports[2], state: 'ready', pid: expect.any(Number) },
    ]);
    expect(await json(`${url('users')}/api/users/1`)).toMatchObject({ balance: '500.00' });
    const order = '{"user_id": 1, "items": ["Phone"], "total_amount": 299.99}';
    expect(await json(`${url('orders')}/api/orders`, order)).toMatchObject({ order_id: '1' });
    await json(`${url('payments')}/api/payments`, '{"order_id": 1, "user_id": 1}');
    expect(await json(`${url('users')}/api/users/1/balance`)).toMatchObject({ balance: '200.01' });
    expect(await json(`${url('orders')}/api/orders/1`)).toMatchObject({ status: 'confirmed' });
  });

  it('is used as it is by test e2e, whatever data it holds, and left running', async () => {
    const result = await cli('test', 'e2e', '--jobs', '4', '--report', 'junit=out.xml', '--json');
    expect(result).toMatchObject({ code: 0 });
    const { counts } = JSON.parse(result.stdout);
    expect(counts).toMatchObject({ failed: 0, skipped: 0 });
    expect(counts.passed).toBeGreaterThan(60);
    const junit = new XMLParser({ ignoreAttributes: false }).parse(readFileSync(join(folder, 'out.xml')));
    expect(junit.testsuites).toMatchObject({ '@_tests': String(counts.passed), '@_failures': '0' });
    expect(await json(`${url('users')}/livez`)).toEqual({ status: 'alive' });
  });

  it('fulfils its contracts, also on a second run', async () => {
    for (const _round of [1, 2]) {
      expect(await cli('test', 'contract')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/\b(\d+) of \1 operations/),
      });
    }
  });

  it('bears load with real numbers', async () => {
    const result = await cli('load', 'balances', '--duration', '2s', '--json');
    expect(result.code).toBe(0);
    const report = JSON.parse(result.stdout);
    expect(report.schema).toBe('shopctl/load/1');
    expect(report.total.completed).toBeGreaterThan(0);
    expect(report.requests).toHaveLength(4);
  });

  it('stops without leaving a process or a port', async () => {
    expect(await cli('down', '--volumes')).toMatchObject({ code: 0 });
    expect(await Promise.all(listeners())).toEqual(['free', 'free', 'free']);
    expect(existsSync(join(folder, '.shopctl/data'))).toBe(false);
    const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(processes).not.toContain(folder);
  });
});

describe('shopctl test e2e on services that do not run', () => {
  it('brings them up, proves them, and stops them', async () => {
    const result = await cli('test', 'e2e', '--tag', 'workflow');
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('3 passed, 0 failed') });
    expect(result.stderr).toContain('stopped payments, orders, users');
    expect(await Promise.all(listeners())).toEqual(['free', 'free', 'free']);
  });

  it('shows what differs when a suite expects something else', async () => {
    const suite = readFileSync(join(ROOT, 'suites/balances/workflow.yaml'), 'utf8');
    writeFileSync(join(folder, 'suites/wrong.yaml'), suite.replaceAll('"200.01"', '"200.02"'));
    const result = await cli('test', 'e2e', 'suites/wrong.yaml', '--bail');
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('200.02');
    expect(result.stdout).toContain('200.01');
    expect(result.stdout).toContain('suites/wrong.yaml:');
  });

  it('refuses a misspelt key with its place and the key that was meant', async () => {
    const suite = readFileSync(join(ROOT, 'suites/balances/money.yaml'), 'utf8');
    writeFileSync(join(folder, 'suites/typo.yaml'), suite.replace('expect:', 'expct:'));
    const result = await cli('test', 'e2e', 'suites/typo.yaml');
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/suites\/typo\.yaml:\d+:\d+ unknown key `expct`/);
    expect(result.stderr).toContain('did you mean `expect`?');
  });
});

describe('shopctl test contract', () => {
  it('names operation and pointer of a field that was renamed in a service', async () => {
    const file = join(folder, 'dist/shop/code/orders.cjs');
    const intact = readFileSync(file, 'utf8');
    const [answered = ''] = /^\/\/ services\/orders\/bodies\.ts\n.*?(?=^\/\/ services)/ms.exec(intact) ?? [];
    expect(answered).toContain('total_amount:');
    writeFileSync(file, intact.replace(answered, answered.replaceAll('total_amount:', 'totalAmount:')));
    const result = await cli('test', 'contract', 'orders');
    writeFileSync(file, intact);
    expect(result.code).toBe(1);
    expect(result.stdout).toContain('orders#createOrder 201 application/json');
    expect(result.stdout).toContain('/total_amount');
  });
});
