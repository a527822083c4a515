import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BrokerFaults } from '../../src/broker/embedded/index.ts';
import { holds } from '../broker/embedded/conformance/brokers.ts';
import { embeddedBrokers } from '../broker/embedded/embedded.ts';
import { freePort } from '../free-ports.ts';
import { type CliRun, runCli, startCli } from './run-cli.ts';

const brokers = embeddedBrokers();
let folder: string;
const runs: CliRun[] = [];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'shopctl-queue-')));
});
afterEach(async () => {
  for (const { child, exited } of runs.splice(0)) {
    child.kill('SIGKILL');
    await exited;
  }
  rmSync(folder, { recursive: true });
});

const queueCli = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  runCli(['queue', ...args], { cwd: folder, env });

/** Runs `shopctl broker`, the way a user has one, with the page that shows its queues. */
async function startBroker(env: Readonly<Record<string, string>> = {}) {
  const run = startCli(['broker', '--port', '0', '--memory', '--json'], { cwd: folder, env });
  runs.push(run);
  await run.shows('}\n');
  const ready: { url: string; management: string } = JSON.parse(run.output.stdout);
  return ready;
}

/** What a user reads, with what changes from run to run taken out. */
const shown = (stderr: string) =>
  stderr.replaceAll(/(127\.0\.0\.1|localhost):\d+/g, '<address>').replaceAll(folder, '<folder>');

it('lists every queue by name and says what to do about dead messages', async () => {
  const { url } = await startBroker();
  const channel = await brokers.channel(url);
  for (const queue of ['payments', 'payments.dead', 'deadlines']) await channel.assertQueue(queue);
  for (const text of ['a', 'b', 'c']) channel.sendToQueue('payments.dead', Buffer.from(text));
  channel.sendToQueue('deadlines', Buffer.from('d'));
  await channel.waitForConfirms();
  await channel.get('payments.dead');
  const { code, stdout, stderr } = await queueCli({ AMQP_URL: url }, 'list');
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'QUEUE          READY  UNACKED  CONSUMERS',
    'deadlines          1        0          0',
    'payments           0        0          0',
    'payments.dead      2        1          0',
    '',
  ]);
  expect(shown(stderr)).toBe(
    'broker <address>\npayments.dead: 2 dead messages; look with `shopctl queue peek payments.dead`, ' +
      'bring back with `shopctl queue redrive payments.dead`\n',
  );
});

it.each(['list', 'peek', 'redrive'])('%s says which name was meant', async (command) => {
  const { url } = await startBroker();
  await (await brokers.channel(url)).assertQueue('payments.order.created.dead');
  const result = await queueCli({ AMQP_URL: url }, command, 'payments.order.craeted.dead');
  expect(result).toMatchObject({ code: 2, stdout: '' });
  await expect(shown(result.stderr)).toMatchFileSnapshot('../golden/queue-unknown.txt');
});

it('gives machines one document, for mistakes too', async () => {
  const { url } = await startBroker();
  const list = await queueCli({ AMQP_URL: url }, 'list', '--json');
  expect(JSON.parse(list.stdout)).toMatchObject({ schema: 'shopctl/queue-list/1', queues: [] });
  const peek = await queueCli({ AMQP_URL: url }, 'peek', 'nope', '--json');
  expect(peek.code).toBe(2);
  expect(JSON.parse(peek.stdout)).toMatchObject({ schema: 'shopctl/error/1', code: 'queue-unknown' });
});

/** A broker with three dead messages, started here so that faults can be asked of it. */
async function withDead() {
  const broker = await brokers.start();
  const channel = await brokers.channel(broker.url);
  await channel.assertQueue('orders');
  await channel.assertQueue('orders.dead');
  const headers = { 'x-queue': 'orders' };
  for (const text of ['1', '2', '3']) channel.sendToQueue('orders.dead', Buffer.from(text), { headers });
  await channel.waitForConfirms();
  const ready = () => new Map(broker.stats().queues.map((queue) => [queue.name, queue.ready]));
  return { broker, channel, ready, env: { AMQP_URL: broker.url } };
}

it.each<[string, BrokerFaults]>([
  ['is cut between the publication and its confirm', { cutBeforeConfirm: 1 }],
  ['is cut instead of taking the ack', { cutBeforeAck: 1 }],
])('has every message where it was, or in both places, when the connection %s', async (_, faults) => {
  const { broker, channel, ready, env } = await withDead();
  broker.setFaults(faults);
  const result = await queueCli(env, 'redrive', 'orders.dead', '--count', '1');
  broker.setFaults({});
  expect(result).toMatchObject({ code: 3, stdout: '' });
  expect(result.stderr).toContain('error [broker-lost] the connection to the broker');
  await holds(channel, 'orders.dead', 3);
  expect(ready()).toEqual(
    new Map([
      ['orders', 1],
      ['orders.dead', 3],
    ]),
  );
});

it('says so when the connection breaks off', async () => {
  const { broker, env } = await withDead();
  broker.setFaults({ cutBeforeConfirm: 1 });
  const result = await queueCli(env, 'redrive', 'orders.dead');
  broker.setFaults({});
  // A socket that is cut ends in one way or another.
  const text = shown(result.stderr).replace(/broke off: .*/, 'broke off: <reason>');
  await expect(text).toMatchFileSnapshot('../golden/queue-broker-lost.txt');
});

it('loses nothing when it is killed while it waits for a confirm', async () => {
  const { broker, channel, env } = await withDead();
  broker.setFaults({ withholdConfirm: 1 });
  const run = startCli(['queue', 'redrive', 'orders.dead'], { cwd: folder, env });
  runs.push(run);
  await holds(channel, 'orders', 1);
  run.child.kill('SIGKILL');
  await run.exited;
  await holds(channel, 'orders.dead', 3);
});

it('gives up a confirm that does not come on Ctrl-C, and keeps the message', async () => {
  const { broker, channel, env } = await withDead();
  broker.setFaults({ withholdConfirm: 1 });
  const run = startCli(['queue', 'redrive', 'orders.dead'], { cwd: folder, env });
  runs.push(run);
  await holds(channel, 'orders', 1);
  run.child.kill('SIGINT');
  const { code, stderr } = await run.exited;
  expect(code).toBe(130);
  await expect(shown(stderr)).toMatchFileSnapshot('../golden/queue-confirm-late.txt');
  await holds(channel, 'orders.dead', 3);
});

it('cannot list the queues of a broker without management, and says how to go on', async () => {
  const { env } = await withDead();
  const result = await queueCli(env, 'list');
  expect(result).toMatchObject({ code: 3, stdout: '' });
  await expect(shown(result.stderr)).toMatchFileSnapshot('../golden/queue-unlisted.txt');
});

it('says when nothing listens where the broker should be', async () => {
  const result = await queueCli({ AMQP_URL: `amqp://127.0.0.1:${await freePort()}` }, 'list');
  expect(result).toMatchObject({ code: 3, stdout: '' });
  await expect(shown(result.stderr)).toMatchFileSnapshot('../golden/queue-broker-unreachable.txt');
});

it('notices that what listens there is no broker', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
    0,
    '127.0.0.1',
  );
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const result = await queueCli({ AMQP_URL: `amqp://127.0.0.1:${port}` }, 'list');
  server.close();
  expect(result).toMatchObject({ code: 3, stdout: '' });
  expect(result.stderr).toMatch(
    /^error \[broker-unreachable\] the broker at 127\.0\.0\.1:\d+ cannot be reached/,
  );
});

const CONFIG = `services:
  web: { command: [node, -e, "setInterval(() => {}, 1e6)"] }
topologies:
  alone: { services: [web] }
  all: { services: [web, broker], override: { broker: { port: PORT } } }
`;

async function configure(broker: string): Promise<void> {
  const port = await freePort();
  writeFileSync(join(folder, 'e2e.config.yaml'), `${broker}\n${CONFIG.replaceAll('PORT', String(port))}`);
}

it.each([
  ['no-broker', '', ['list']],
  ['topology-without-broker', 'broker: { embedded: {} }', ['list', '--topology', 'alone']],
])('refuses a project of which it cannot know the broker: %s', async (name, broker, args) => {
  const config = broker === '' ? 'services:\n  web: { url: "http://127.0.0.1:9" }\n' : undefined;
  await configure(broker);
  if (config !== undefined) writeFileSync(join(folder, 'e2e.config.yaml'), config);
  const result = await queueCli({}, ...args);
  expect(result).toMatchObject({ code: 2, stdout: '' });
  await expect(shown(result.stderr)).toMatchFileSnapshot(`../golden/queue-${name}.txt`);
});

it('refuses an address that is none, without showing it', async () => {
  const result = await queueCli({ AMQP_URL: 'http://guest:s3cr3t-word@127.0.0.1' }, 'list');
  expect(result).toMatchObject({ code: 2, stdout: '' });
  await expect(shown(result.stderr)).toMatchFileSnapshot('../golden/queue-address-wrong.txt');
});

it('finds the broker that `up` runs, whichever topology it runs in and with the password it was given', async () => {
  await configure('broker: { embedded: { memory: true, user: ecommerce, password: "${SHOP_PASSWORD}" } }');
  const env = { SHOP_PASSWORD: 'ecommerce$123' };
  const up = startCli(['up', '--topology', 'all'], { cwd: folder, env });
  runs.push(up);
  await up.shows('2 services ready');
  const list = await queueCli(env, 'list', '--json');
  expect(list).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(list.stdout)).toMatchObject({ queues: [] });
  expect((await queueCli(env, 'peek', 'nope')).code).toBe(2);
  expect((await queueCli({ SHOP_PASSWORD: 'another' }, 'list')).stderr).toContain('error [broker-refused]');
  up.child.kill('SIGINT');
  await up.exited;
});

it.each([
  [['peek', 'q', '--count', '0'], 'It must be a whole number from 1 to 1000.'],
  [['redrive', 'q', '--count', 'all'], 'It must be a whole number from 1 on.'],
  [['peek'], "missing required argument 'queue'"],
  [['peek', ''], 'the name of the queue is empty'],
  [['redrive', 'q', '--to', 'x'.repeat(256)], 'the name of the queue has more than 255 bytes'],
])('refuses %j', async (args, sentence) => {
  const result = await queueCli({ AMQP_URL: 'amqp://127.0.0.1:1' }, ...args);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain(sentence);
});

it.each(['list', 'peek', 'redrive'])('queue %s --help has examples', async (command) => {
  const { code, stdout } = await queueCli({}, command, '--help');
  expect(code).toBe(0);
  expect(stdout).toContain(`$ shopctl queue ${command}`);
});
