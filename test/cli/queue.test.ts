import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Channel, ConfirmChannel, Options } from 'amqplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Bench,
  fetched,
  forEachBroker,
  holds,
  textsIn,
} from '../broker/embedded/conformance/brokers.ts';
import { runCli } from './run-cli.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'shopctl-queue-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

function queueCli(bench: Bench, ...args: readonly string[]) {
  return runCli(['queue', ...args], { cwd: folder, env: { AMQP_URL: bench.url(), NO_COLOR: '1' } });
}

/** What the retries of docs/events.md leave in the headers of a dead event that came from `queue`. */
const failed = (queue: string) => ({
  'x-attempts': 7,
  'x-error': 'the gateway answered 503',
  'x-first-failed-at': '2026-11-21T14:04:59.950Z',
  'x-queue': queue,
});

async function send(
  channel: ConfirmChannel,
  queue: string,
  texts: readonly string[],
  options: Options.Publish = {},
): Promise<void> {
  for (const text of texts) channel.sendToQueue(queue, Buffer.from(text), options);
  await channel.waitForConfirms();
}

/** A queue, one for its dead messages, and a channel. */
async function deadLetters(bench: Bench) {
  const channel = await bench.confirmChannel();
  const origin = await bench.queue(channel);
  const dead = await bench.queue(channel);
  return { channel, origin, dead };
}

/** Everything that waits, by text, taken out. */
async function drained(channel: Channel, queue: string): Promise<readonly string[]> {
  const { messageCount } = await channel.checkQueue(queue);
  return await textsIn(channel, queue, messageCount);
}

forEachBroker((bench, kind) => {
  it('lists named queues with what waits in them', async () => {
    const { channel, origin, dead } = await deadLetters(bench);
    await send(channel, dead, ['a', 'b']);
    await channel.consume(origin, () => undefined);
    const { code, stdout } = await queueCli(bench, 'list', origin, dead, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      schema: 'shopctl/queue-list/1',
      broker: expect.stringContaining('127.0.0.1:'),
      queues: [
        expect.objectContaining({ name: origin, ready: 0, consumers: 1 }),
        expect.objectContaining({ name: dead, ready: 2, consumers: 0 }),
      ],
    });
  });

  describe('peek', () => {
    it('shows messages and leaves them in their places', async () => {
      const { channel, dead } = await deadLetters(bench);
      await send(channel, dead, ['1', '2', '3', '4']);
      const { code, stdout, stderr } = await queueCli(bench, 'peek', dead, '--count', '3');
      expect({ code, stderr }).toEqual({ code: 0, stderr: `3 of 4 in ${dead}, left where they are\n` });
      expect(stdout.match(/^#\d+$/gm)).toEqual(['#1', '#2', '#3']);
      await holds(channel, dead, 4);
      expect(await drained(channel, dead)).toEqual(['1', '2', '3', '4']);
    });

    it('shows how a message died, its properties and its body, and no secret', async () => {
      const { channel, origin, dead } = await deadLetters(bench);
      const body = { id: 'e1', data: { total: '299.99', card_token: 'tok_4242424242' } };
      await send(channel, dead, [JSON.stringify(body)], {
        messageId: 'e1',
        type: 'order.created',
        contentType: 'application/json',
        timestamp: 1_700_000_000,
        headers: { ...failed(origin), authorization: 'Bearer abcdefghijkl', note: 'sent with abcdefghijkl' },
      });
      const { stdout } = await queueCli(bench, 'peek', dead, '--json');
      expect(JSON.parse(stdout)).toEqual({
        schema: 'shopctl/queue-peek/1',
        queue: dead,
        ready: 1,
        messages: [
          {
            redelivered: false,
            exchange: '',
            routing_key: dead,
            properties: {
              content_type: 'application/json',
              message_id: 'e1',
              timestamp: '2023-11-14T22:13:20.000Z',
              type: 'order.created',
            },
            headers: { ...failed(origin), authorization: '***', note: 'sent with ***' },
            failure: {
              queue: origin,
              error: 'the gateway answered 503',
              attempts: 7,
              first_failed_at: '2026-11-21T14:04:59.950Z',
            },
            body_bytes: JSON.stringify(body).length,
            body_truncated: false,
            body_json: { id: 'e1', data: { total: '299.99', card_token: '***' } },
          },
        ],
      });
      await holds(channel, dead, 1);
      const text = await queueCli(bench, 'peek', dead);
      expect(text.stdout).toContain('#1  order.created  e1  redelivered\n');
      expect(text.stdout).toContain(
        `  failed     7 attempts, first failed 2026-11-21T14:04:59.950Z, came from ${origin}\n`,
      );
      expect(text.stdout).not.toMatch(/tok_4242424242|abcdefghijkl/);
    });

    it('shows bytes that are no text, and nothing that could steer a terminal', async () => {
      const { channel, dead } = await deadLetters(bench);
      channel.sendToQueue(dead, Buffer.from([0xff, 0x00, 0x80]));
      await send(channel, dead, ['\u001b[2Jgone\u0007\nnext'], { headers: { note: 'a\u001b[31mred' } });
      const { stdout } = await queueCli(bench, 'peek', dead);
      expect(stdout).toContain('    binary, base64: /wCA\n');
      expect(stdout).toContain('    \\u001b[2Jgone\\u0007\n    next\n');
      expect(stdout).toContain('note: a\\u001b[31mred\n');
      expect(stdout).not.toContain('\u001b');
    });

    it('says when nothing waits', async () => {
      const { dead } = await deadLetters(bench);
      expect(await queueCli(bench, 'peek', dead)).toEqual({
        code: 0,
        stdout: `no message waits in ${dead}\n`,
        stderr: '',
      });
    });
  });

  describe('redrive', () => {
    it('brings messages back in order, with all they had but their failure', async () => {
      const { channel, origin, dead } = await deadLetters(bench);
      const kept = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', weight: 3 };
      const properties = {
        messageId: 'e1',
        type: 'order.created',
        contentType: 'application/json',
        priority: 4,
      };
      await send(channel, dead, ['1', '2', '3'], {
        ...properties,
        persistent: true,
        headers: { ...kept, ...failed(origin) },
      });
      const { code, stdout, stderr } = await queueCli(bench, 'redrive', dead);
      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stdout: `3 messages moved from ${dead} to ${origin}; 0 left\n`,
        stderr: '',
      });
      const first = await fetched(channel, origin);
      expect(first.content.toString()).toBe('1');
      expect(first.properties).toMatchObject({ ...properties, deliveryMode: 2, headers: kept });
      expect(Object.keys(first.properties.headers ?? {}).sort()).toEqual(['traceparent', 'weight']);
      expect(await drained(channel, origin)).toEqual(['2', '3']);
      expect(await drained(channel, dead)).toEqual([]);
    });

    it('knows where a message came from that the broker itself moved to a dead letter queue', async () => {
      const channel = await bench.confirmChannel();
      const dead = await bench.queue(channel);
      const origin = await bench.queue(channel, { deadLetterExchange: '', deadLetterRoutingKey: dead });
      await send(channel, origin, ['poison']);
      const delivered = await channel.get(origin);
      if (delivered === false) throw new Error('nothing was there');
      channel.nack(delivered, false, false);
      await holds(channel, dead, 1);
      expect((await queueCli(bench, 'redrive', dead)).stdout).toBe(
        `1 message moved from ${dead} to ${origin}; 0 left\n`,
      );
      const back = await fetched(channel, origin);
      expect(back.content.toString()).toBe('poison');
      expect(Object.keys(back.properties.headers ?? {}).filter((name) => name.includes('death'))).toEqual([]);
    });

    it('moves no more than --count says, and to --to whatever the headers say', async () => {
      const { channel, origin, dead } = await deadLetters(bench);
      const other = await bench.queue(channel);
      await send(channel, dead, ['1', '2', '3'], { headers: failed(origin) });
      const { code, stdout } = await queueCli(
        bench,
        'redrive',
        dead,
        '--count',
        '2',
        '--to',
        other,
        '--json',
      );
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({
        schema: 'shopctl/queue-redrive/1',
        queue: dead,
        ready_before: 3,
        ready_after: 1,
        moved: 2,
        targets: [{ queue: other, moved: 2 }],
        kept: [],
      });
      expect(await drained(channel, other)).toEqual(['1', '2']);
      expect(await drained(channel, dead)).toEqual(['3']);
    });

    it('keeps what cannot be routed and what says nothing of its origin, and brings back the rest', async () => {
      const { channel, origin, dead } = await deadLetters(bench);
      const gone = bench.name();
      await send(channel, dead, ['1'], { headers: failed(gone) });
      await send(channel, dead, ['2'], { headers: failed(origin) });
      await send(channel, dead, ['3']);
      await send(channel, dead, ['4'], { headers: failed(gone) });
      const { code, stdout, stderr } = await queueCli(bench, 'redrive', dead);
      expect({ code, stdout }).toEqual({
        code: 3,
        stdout: `1 message moved from ${dead} to ${origin}; 3 left\n`,
      });
      const shown = stderr.replaceAll(dead, '<dead>').replaceAll(gone, '<gone>');
      await expect(shown).toMatchFileSnapshot('../golden/queue-redrive-incomplete.txt');
      await holds(channel, dead, 3);
      expect((await fetched(channel, dead)).properties.headers).toMatchObject(failed(gone));
      expect(await drained(channel, dead)).toEqual(['3', '4']);
      expect(await drained(channel, origin)).toEqual(['2']);
    });

    it('keeps what the target is too full for', async () => {
      const { channel, dead } = await deadLetters(bench);
      const full = await bench.queue(channel, {
        arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
      });
      await send(channel, dead, ['1', '2', '3'], { headers: failed(full) });
      const { code, stdout, stderr } = await queueCli(bench, 'redrive', dead, '--count', '3');
      expect({ code, stdout }).toEqual({
        code: 3,
        stdout: `1 message moved from ${dead} to ${full}; 2 left\n`,
      });
      expect(stderr).toContain(`2 messages: the broker does not take it into \`${full}\``);
      await holds(channel, dead, 2);
    });

    it('ends although every message dies again at once', async () => {
      const channel = await bench.confirmChannel();
      const dead = await bench.queue(channel);
      const origin = await bench.queue(channel, {
        messageTtl: 0,
        deadLetterExchange: '',
        deadLetterRoutingKey: dead,
      });
      await send(channel, dead, ['1', '2', '3'], { headers: failed(origin) });
      const { code, stdout } = await queueCli(bench, 'redrive', dead);
      expect(code).toBe(0);
      expect(stdout).toContain(`3 messages moved from ${dead} to ${origin}; `);
      await holds(channel, dead, 3);
    });

    it('refuses to bring a queue back to itself, and to bring it where there is no queue', async () => {
      const { channel, dead } = await deadLetters(bench);
      await send(channel, dead, ['1']);
      const itself = await queueCli(bench, 'redrive', dead, '--to', dead);
      expect(itself).toMatchObject({ code: 2, stdout: '' });
      expect(itself.stderr).toContain(`\`${dead}\` cannot be redriven to itself`);
      const nowhere = await queueCli(bench, 'redrive', dead, '--to', bench.name());
      expect(nowhere).toMatchObject({ code: 2, stdout: '' });
      expect(nowhere.stderr).toContain('error [queue-unknown] there is no queue');
      await holds(channel, dead, 1);
    });
  });

  it.each(['list', 'peek', 'redrive'])('%s ends with 2 for a queue that is not there', async (command) => {
    const result = await queueCli(bench, command, bench.name());
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('error [queue-unknown] there is no queue');
  });

  it('does not show credentials that the broker refuses', async () => {
    const url = bench.url().replace('guest:guest', 'guest:s3cr3t-word');
    const result = await runCli(['queue', 'list'], { cwd: folder, env: { AMQP_URL: url } });
    expect(result).toMatchObject({ code: 3, stdout: '' });
    const shown = result.stderr.replace(/127\.0\.0\.1:\d+/, '<address>');
    await expect(shown).toMatchFileSnapshot('../golden/queue-broker-refused.txt');
  });

  it('names a virtual host that is not there', async () => {
    const env = { AMQP_URL: `${bench.url()}/no-such-host` };
    const result = await runCli(['queue', 'list'], { cwd: folder, env });
    expect(result).toMatchObject({ code: 3, stdout: '' });
    const shown = result.stderr.replace(/127\.0\.0\.1:\d+/, '<address>');
    await expect(shown).toMatchFileSnapshot('../golden/queue-virtual-host.txt');
  });

  it(`says why a queue cannot be looked into (${kind})`, async () => {
    const channel = await bench.channel();
    const { queue } = await channel.assertQueue(bench.name(), { exclusive: true });
    const result = await queueCli(bench, 'peek', queue);
    expect(result).toMatchObject({ code: 3, stdout: '' });
    const shown = result.stderr.replaceAll(queue, '<queue>').replace(/(RESOURCE_LOCKED).*/, '$1 …');
    await expect(shown).toMatchFileSnapshot('../golden/queue-refused.txt');
  });
});
