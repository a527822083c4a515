import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createAuthority } from '../certificates.ts';
import { freePorts } from '../free-ports.ts';
import { ROOT, runCli } from './run-cli.ts';

// Two services of the shop that speak HTTPS with certificates of an authority of this test: the gateway, and products
// behind it, which the gateway asks over HTTPS too.

// Each of these runs the command line several times, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const program = (name: string) => `${process.execPath} ${join(ROOT, `dist/shop/${name}.cjs`)}`;

let folder: string;
let config: string;
const run = (...args: string[]) => runCli(args, { cwd: folder });
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'shopctl-https-')));
  const [gateway, products] = await freePorts(2);
  const authority = await createAuthority('the project');
  const { cert, key } = await authority.certify();
  write('ca.pem', authority.ca);
  write('stranger.pem', (await createAuthority('a stranger')).ca);
  write('cert.pem', cert);
  write('key.pem', key);
  const pair = 'TLS_CERT: "${project.root}/cert.pem", TLS_KEY: "${project.root}/key.pem"';
  config = `
name: trial
services:
  products:
    command: ${program('products')}
    port: ${products}
    ready: { http: /healthz }
    tls: { ca: ca.pem }
    simulate: /_simulate
    contract: ${join(ROOT, 'contracts/openapi/products.yaml')}
    env: { DATA_DIR: "\${project.data}", SIMULATE_ADMIN: "on", ${pair} }
  gateway:
    command: ${program('gateway')}
    port: ${gateway}
    needs: [products]
    ready: { http: /healthz }
    tls: { ca: ca.pem }
    env:
      { PRODUCTS_URL: "\${services.products.url}", RATE_LIMIT: 0, TLS_CA: "\${project.root}/ca.pem", ${pair} }
suites: { e2e: shop.yaml }
load:
  reads:
    { duration: 2s, connections: 2, requests: [{ get: "\${gateway}/products/1" }, { get: "\${products}/healthz" }] }
  browsing:
    { executor: users, users: 2, duration: 5s, journey: [{ get: "\${gateway}/products", expect: { status: 200 } }] }
`;
  write('e2e.config.yaml', config);
  write('shop.yaml', suite);
  expect(await run('up', '-d')).toMatchObject({ code: 0 });
});
afterAll(async () => {
  write('e2e.config.yaml', config);
  await run('down');
  rmSync(folder, { recursive: true });
});

const suite = `
suite: Over HTTPS
tests:
  - test: a product is seen through the gateway and at its service
    steps:
      - get: \${gateway}/products/1
        expect: { status: 200 }
      - get: \${products}/products/1
        expect: { status: 200 }
`;

it('up tells https addresses', async () => {
  const { stdout } = await run('status', '--json');
  const { services } = JSON.parse(stdout);
  expect(services).toHaveLength(2);
  for (const { state, url } of services)
    expect({ state, url }).toEqual({ state: 'ready', url: expect.stringMatching(/^https:/) });
});

it('suites ask services over HTTPS', async () => {
  expect(await run('test', 'e2e')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('a product is seen through the gateway'),
  });
});

it('contracts are verified over HTTPS', async () => {
  expect(await run('test', 'contract', 'products')).toMatchObject({ code: 0 });
});

it('faults are set over HTTPS', async () => {
  const set = await run('fault', 'set', 'products', '--failure-rate', '100%');
  expect(set).toMatchObject({ code: 0, stderr: expect.stringContaining('fault clear products') });
  expect(await run('test', 'e2e')).toMatchObject({ code: 1 });
  expect(await run('fault', 'clear')).toMatchObject({ code: 0 });
});

it.each(['reads', 'browsing'])('load is driven over HTTPS: %s', async (profile) => {
  const { code, stdout } = await run('load', profile, '--json');
  const { verdict, total, suspect, targets } = JSON.parse(stdout);
  expect({ code, verdict, suspect }).toEqual({ code: 0, verdict: 'passed', suspect: false });
  expect(total).toMatchObject({ errors: 0, statuses: { 200: expect.any(Number) } });
  for (const target of targets) expect(target).toMatch(/^https:/);
});

it('another authority does not count, whoever asks', async () => {
  expect(readFileSync(join(folder, 'e2e.config.yaml'), 'utf8')).toBe(config);
  write('e2e.config.yaml', config.replaceAll('ca: ca.pem', 'ca: stranger.pem'));
  const tested = await run('test', 'e2e');
  expect(tested.code).toBe(1);
  expect(tested.stdout).toMatch(/unable to verify the first certificate|self-signed certificate/);
  const loaded = JSON.parse((await run('load', 'reads', '--json')).stdout);
  expect(loaded).toMatchObject({ suspect: true, total: { statuses: {} } });
  expect(await run('fault', 'clear', 'products')).toMatchObject({ code: 3 });
});
