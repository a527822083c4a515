import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fixture, freePort, temporaryFolder } from '../topology/support.ts';
import { runCli } from './run-cli.ts';

/** A shop with two replicas, and what needs it. */
async function shopFolder(keys = '') {
  const folder = temporaryFolder();
  const port = await freePort();
  const command = `[${process.execPath}, ${fixture('listens.mjs')}]`;
  const ready = 'ready: { http: /, timeout: 60s }';
  const lines = [
    'services:',
    `  shop: { command: ${command}, port: ${port}, replicas: 2, ${ready}${keys} }`,
    `  till: { command: ${command}, port: 0, needs: [shop], ${ready} }`,
    'suites: { e2e: suite.yaml }',
    '',
  ];
  writeFileSync(join(folder, 'e2e.config.yaml'), lines.join('\n'));
  const suite =
    'suite: Shop\ntests:\n  - test: it answers\n    steps: [{ get: "${shop}/", expect: { status: 200 } }]\n';
  writeFileSync(join(folder, 'suite.yaml'), suite);
  // Below the ports that tests are given otherwise.
  const cli = (...args: string[]) =>
    runCli(args, { cwd: folder, env: { SHOPCTL_PORT_RANGE: '10000-11999' } });
  onTestFinished(async () => {
    await cli('down');
  });
  return { port, cli };
}

test('a service with replicas is started, shown, tested and stopped as one', async () => {
  const { port, cli } = await shopFolder();
  const up = await cli('up', '-d', 'shop');
  expect(up, up.stderr).toMatchObject({ code: 0 });
  expect(up.stderr).toContain('3 services ready');

  const status = await cli('status');
  expect(status.stdout).toMatch(new RegExp(`^shop +ready +${port} .*http://127.0.0.1:${port}$`, 'm'));
  expect(status.stdout).toMatch(/^shop-1 +ready +1\d{4} /m);
  expect(status.stdout).toContain('shop shares out what it is asked over its replicas: 2 of 2 ready\n');
  const document = JSON.parse((await cli('status', '--json')).stdout);
  expect(document.services).toMatchObject([
    { name: 'shop-1', replica_of: 'shop' },
    { name: 'shop-2', replica_of: 'shop' },
    { name: 'shop', replica_of: null, port },
  ]);

  const logs = await cli('logs', 'shop');
  expect(logs.stdout).toMatch(/^shop-1 \| listening on \d+$/m);
  expect(logs.stdout).toMatch(/^shop-2 \| listening on \d+$/m);
  expect(logs.stdout).toMatch(/^shop {3}\| shop stands before shop-1, shop-2$/m);
  expect((await cli('logs', 'shop-2')).stdout).not.toContain('shop-1');

  expect(await cli('down')).toMatchObject({
    ...{
      code: 0,
      stdout: expect.stringMatching(/^shop {4}stopped\nshop-[12] {2}stopped\nshop-[12] {2}stopped\n$/),
    },
  });
});

test('a fault is set on one of the replicas, and who names all of them is told so', async () => {
  const { cli } = await shopFolder(', simulate: /_simulate');
  const refused = await cli('fault', 'set', 'shop', '--latency', 'constant(5ms)');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('hint: a fault is set on one of its replicas: shop-1, shop-2');
});

test('a test run starts and stops all of it, and asks the service at its own port', async () => {
  const { cli } = await shopFolder();
  const tested = await cli('test', 'e2e');
  expect(tested, `${tested.stdout}\n${tested.stderr}`).toMatchObject({ code: 0 });
  expect(tested.stdout).toContain('1 passed, 0 failed');
  expect(tested.stderr).toContain('stopped till, shop, shop-2, shop-1');
});
