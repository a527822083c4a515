import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CliRun, runCli, startCli } from './run-cli.ts';

let folder: string;
const runs: CliRun[] = [];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'shopctl-broker-')));
});
afterEach(async () => {
  for (const { child, exited } of runs.splice(0)) {
    child.kill('SIGKILL');
    await exited;
  }
  rmSync(folder, { recursive: true });
});

/** Starts `shopctl broker` on a free port and waits until it listens. */
async function startBroker(...args: readonly string[]): Promise<CliRun & { url: string; ready: unknown }> {
  const run = startCli(['broker', '--port', '0', '--json', ...args], { cwd: folder });
  runs.push(run);
  await run.shows('}\n');
  const ready: { url: string } = JSON.parse(run.output.stdout);
  return { ...run, url: ready.url, ready };
}

async function withChannel<T>(
  url: string,
  use: (channel: import('amqplib').ConfirmChannel) => Promise<T>,
): Promise<T> {
  const connection = await connect(url, { noDelay: true });
  connection.on('error', () => undefined);
  try {
    return await use(await connection.createConfirmChannel());
  } finally {
    await connection.close().catch(() => undefined);
  }
}

it('says where it listens and ends with 0 on Ctrl-C, since that is how it is meant to end', async () => {
  const run = startCli(['broker', '--port', '0', '--memory'], { cwd: folder });
  runs.push(run);
  await run.shows('Ctrl-C stops it');
  expect(run.output.stdout).toMatch(/^amqp:\/\/guest:guest@127\.0\.0\.1:\d+\n$/);
  expect(run.output.stderr).toMatch(
    /^queues and rates at http:\/\/127\.0\.0\.1:\d+\nAMQP 0-9-1 on 127\.0\.0\.1 (and ::1 )?port \d+, nothing is kept; Ctrl-C stops it\n$/,
  );
  run.child.kill('SIGINT');
  expect((await run.exited).code).toBe(0);
});

it('has a ready line for machines, and tells clients goodbye when it stops', async () => {
  const { url, ready, child, exited } = await startBroker('--data', 'kept');
  const { port } = new URL(url);
  expect(ready).toEqual({
    schema: 'shopctl/broker/1',
    url,
    port: Number(port),
    addresses: expect.arrayContaining(['127.0.0.1']),
    pid: child.pid,
    journal: join(folder, 'kept', 'broker.sqlite'),
    management: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    faults: [],
    seed: expect.any(Number),
  });
  const connection = await connect(url);
  const told = new Promise<string>((resolve) => {
    connection.on('error', (error: Error) => resolve(error.message));
    connection.on('close', (error?: Error) => resolve(error?.message ?? 'closed'));
  });
  child.kill('SIGTERM');
  expect(await told).toContain('CONNECTION_FORCED - the broker is stopping');
  expect((await exited).code).toBe(0);
});

it('goes wrong on purpose as it is told, and says so', async () => {
  const args = ['broker', '--port', '0', '--memory', '--seed', '7'];
  const faults = ['--fault', 'duplicate=1', '--fault', 'delay=0.5:20ms'];
  const run = startCli([...args, ...faults], { cwd: folder });
  runs.push(run);
  await run.shows('Ctrl-C stops it');
  expect(run.output.stderr).toContain(
    'goes wrong on purpose: duplicate=1, delay=0.5:20ms; --seed 7 strikes the same messages\n',
  );
  await withChannel(run.output.stdout.trim(), async (channel) => {
    await channel.assertQueue('q');
    for (const text of ['a', 'b', 'c']) channel.sendToQueue('q', Buffer.from(text));
    await channel.waitForConfirms();
    await expect.poll(async () => (await channel.checkQueue('q')).messageCount, { timeout: 20_000 }).toBe(6);
  });
});

it('shows connections and what it cannot do as declared only when that is wanted', async () => {
  const run = await startBroker('--memory', '--verbose');
  await withChannel(run.url, (channel) =>
    channel.assertQueue('q', { arguments: { 'x-queue-type': 'quorum', 'x-colour': 'red' } }),
  );
  await run.shows("warning: queue 'q': x-colour is unknown and ignored");
  expect(run.output.stderr.split('\n').filter((line) => line.startsWith('connection: '))).toHaveLength(1);
  expect(run.output.stderr).toContain("warning: queue 'q': quorum queues work as classic ones");
});

/** Publishes 1,000 persistent messages, waits for their confirms, kills the broker and counts what the next one has. */
async function survivorsOfKill(...args: readonly string[]): Promise<readonly string[]> {
  const first = await startBroker(...args);
  await withChannel(first.url, async (channel) => {
    await channel.assertQueue('kept', { durable: true });
    for (let number = 0; number < 1_000; number += 1) {
      channel.sendToQueue('kept', Buffer.from(String(number)), { persistent: true });
    }
    await channel.waitForConfirms();
    first.child.kill('SIGKILL');
    await first.exited;
  });
  const second = await startBroker(...args);
  return withChannel(second.url, async (channel) => {
    const { messageCount } = await channel.assertQueue('kept', { durable: true });
    const texts: string[] = [];
    while (texts.length < messageCount) {
      const message = await channel.get('kept', { noAck: true });
      if (message !== false) texts.push(message.content.toString());
    }
    return texts;
  });
}

it('has every confirmed persistent message after kill -9, in order', async () => {
  const all = Array.from({ length: 1_000 }, (_, number) => String(number));
  expect(await survivorsOfKill()).toEqual(all);
});

it('has none of them after kill -9 with --memory: the count above can fail', async () => {
  expect(await survivorsOfKill('--memory')).toEqual([]);
});

/** What a user reads, with what changes from run to run taken out. */
function shown(stderr: string, port = 0): string {
  return stderr
    .replaceAll(folder, '<folder>')
    .replaceAll(String(port), '<port>')
    .replaceAll(/pid \d+ \(.*\)/g, 'pid <pid> (<command>)')
    .replaceAll(/kill \d+/g, 'kill <pid>');
}

it('names who has its port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const result = await runCli(['broker', '--port', String(port), '--memory'], { cwd: folder });
  server.close();
  expect(result).toMatchObject({ code: 3, stdout: '' });
  await expect(shown(result.stderr, port)).toMatchFileSnapshot('../golden/broker-port-taken.txt');
});

it('leaves a journal alone that another broker has', async () => {
  await startBroker('--data', 'kept');
  const result = await runCli(['broker', '--port', '0', '--data', 'kept'], { cwd: folder });
  expect(result).toMatchObject({ code: 3, stdout: '' });
  await expect(shown(result.stderr)).toMatchFileSnapshot('../golden/broker-journal-locked.txt');
});

it('does not take any file for its journal', async () => {
  mkdirSync(join(folder, 'kept'));
  writeFileSync(join(folder, 'kept', 'broker.sqlite'), 'This is a text, not a database. '.repeat(200));
  const result = await runCli(['broker', '--port', '0', '--data', 'kept'], { cwd: folder });
  expect(result).toMatchObject({ code: 3, stdout: '' });
  await expect(shown(result.stderr)).toMatchFileSnapshot('../golden/broker-journal-unusable.txt');
});

it('says what to do where its database is not installed', async () => {
  const hook = join(folder, 'without-sqlite3.cjs');
  const text = `const Module = require('node:module');
  const load = Module._load;
  Module._load = (name, ...rest) => {
    if (name === 'sqlite3') throw Object.assign(new Error("Cannot find package 'sqlite3'"), { code: 'MODULE_NOT_FOUND' });
    return load(name, ...rest);
  };`;
  writeFileSync(hook, text);
  const env = { NODE_OPTIONS: `--require=${hook}` };
  const result = await runCli(['broker', '--port', '0'], { cwd: folder, env });
  expect(result).toMatchObject({ code: 3, stdout: '' });
  await expect(shown(result.stderr)).toMatchFileSnapshot('../golden/broker-dependency-missing.txt');
});

it.each([
  [['--port', 'many'], 'It must be a whole number from 0 to 65535.'],
  [['--fault', 'duplicates=1'], 'did you mean `duplicate`?'],
  [['--fault', 'delay=1'], 'delay takes a share and the longest delay'],
  [['--memory', '--fault', 'journal-full=1'], 'a broker without a journal has none that could be full'],
  [['--data', 'x', '--memory'], "option '--data <dir>' cannot be used with option '--memory'"],
])('refuses %j', async (args, sentence) => {
  const result = await runCli(['broker', ...args], { cwd: folder });
  expect(result.code).toBe(2);
  expect(result.stderr).toContain(sentence);
});
