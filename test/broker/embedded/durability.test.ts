import type { ConfirmChannel } from 'amqplib';
import { describe, expect, it } from 'vitest';
import type { Broker } from '../../../src/broker/embedded/index.ts';
import { embeddedBrokers } from './embedded.ts';

const embedded = embeddedBrokers();

/** Runs `before` on a broker, and `after` on the next one with the same journal. */
async function acrossRestart(
  before: (channel: ConfirmChannel) => Promise<unknown>,
  after: (channel: ConfirmChannel, broker: Broker) => Promise<void>,
): Promise<void> {
  const journalFile = embedded.journalFile();
  const first = await embedded.start({ journalFile });
  await before(await embedded.channel(first.url));
  await embedded.stop(first);
  const second = await embedded.start({ journalFile });
  await after(await embedded.channel(second.url), second);
}

async function textsIn(channel: ConfirmChannel, queue: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (let message = await channel.get(queue, { noAck: true }); message !== false; ) {
    texts.push(message.content.toString());
    message = await channel.get(queue, { noAck: true });
  }
  return texts;
}

describe('after a restart', () => {
  it('there are the durable exchanges, queues and bindings, and the persistent messages in order', async () => {
    const headers = { count: { '!': 'int', value: 5 }, deep: { list: [1, 'x', null] } };
    await acrossRestart(
      async (channel) => {
        await channel.assertExchange('topics', 'topic', { durable: true });
        await channel.assertExchange('inner', 'headers', { durable: true });
        await channel.assertQueue('kept', { durable: true, arguments: { 'x-max-length': 10 } });
        await channel.bindExchange('inner', 'topics', 'a.#');
        await channel.bindQueue('kept', 'inner', '', { 'x-match': 'any', kind: 'order' });
        for (const text of ['1', '2', '3']) {
          channel.publish('topics', 'a.b', Buffer.from(text), {
            persistent: true,
            headers: { ...headers, kind: 'order' },
            messageId: text,
          });
        }
        channel.publish('topics', 'a.b', Buffer.from('transient'), { headers: { kind: 'order' } });
        await channel.waitForConfirms();
      },
      async (channel) => {
        await channel.assertQueue('kept', { durable: true, arguments: { 'x-max-length': 10 } });
        const first = await channel.get('kept', { noAck: true });
        if (first === false) throw new Error('nothing was kept');
        expect(first.properties).toMatchObject({ messageId: '1', headers: { count: 5, deep: headers.deep } });
        expect(first.fields).toMatchObject({ exchange: 'topics', routingKey: 'a.b', redelivered: true });
        expect(await textsIn(channel, 'kept')).toEqual(['2', '3']);
        channel.publish('topics', 'a.b', Buffer.from('4'), { headers: { kind: 'order' } });
        await channel.waitForConfirms();
        expect(await textsIn(channel, 'kept')).toEqual(['4']);
      },
    );
  });

  it('transient and exclusive queues, and what was acknowledged, deleted, purged or unbound, are gone', async () => {
    await acrossRestart(
      async (channel) => {
        await channel.assertQueue('transient', { durable: false });
        await channel.assertQueue('mine', { durable: true, exclusive: true });
        await channel.assertQueue('deleted', { durable: true });
        await channel.assertQueue('purged', { durable: true });
        await channel.assertQueue('kept', { durable: true });
        await channel.bindQueue('kept', 'amq.direct', 'key');
        for (const queue of ['deleted', 'purged', 'kept', 'kept', 'kept', 'mine', 'transient']) {
          channel.sendToQueue(queue, Buffer.from(queue), { persistent: true });
        }
        await channel.waitForConfirms();
        await channel.deleteQueue('deleted');
        await channel.purgeQueue('purged');
        await channel.unbindQueue('kept', 'amq.direct', 'key');
        const message = await channel.get('kept');
        if (message !== false) channel.ack(message);
        await channel.checkQueue('kept');
      },
      async (channel, broker) => {
        expect(broker.stats().queues.map(({ name }) => name)).toEqual(['kept', 'purged']);
        expect(await textsIn(channel, 'kept')).toEqual(['kept', 'kept']);
        expect(await textsIn(channel, 'purged')).toEqual([]);
        channel.publish('amq.direct', 'key', Buffer.from('to nobody'));
        await channel.waitForConfirms();
        expect(await textsIn(channel, 'kept')).toEqual([]);
      },
    );
  });

  it('a message that several queues share is kept as long as one of them has it', async () => {
    await acrossRestart(
      async (channel) => {
        for (const queue of ['one', 'two']) {
          await channel.assertQueue(queue, { durable: true });
          await channel.bindQueue(queue, 'amq.fanout', '');
        }
        channel.publish('amq.fanout', '', Buffer.from('shared'), { persistent: true });
        await channel.waitForConfirms();
        expect(await textsIn(channel, 'one')).toEqual(['shared']);
      },
      async (channel) => {
        expect(await textsIn(channel, 'one')).toEqual([]);
        expect(await textsIn(channel, 'two')).toEqual(['shared']);
      },
    );
  });

  it('dead letters are where they went, once, and time to live goes on', async () => {
    await acrossRestart(
      async (channel) => {
        await channel.assertQueue('dead', { durable: true });
        const letters = { deadLetterExchange: '', deadLetterRoutingKey: 'dead' };
        await channel.assertQueue('rejecting', { durable: true, ...letters });
        await channel.assertQueue('waiting', { durable: true, messageTtl: 300, ...letters });
        channel.sendToQueue('rejecting', Buffer.from('rejected'), { persistent: true });
        await channel.waitForConfirms();
        const message = await channel.get('rejecting');
        if (message !== false) channel.reject(message, false);
        channel.sendToQueue('waiting', Buffer.from('expired'), { persistent: true });
        await channel.waitForConfirms();
      },
      async (channel) => {
        const texts: string[] = [];
        await expect
          .poll(async () => texts.push(...(await textsIn(channel, 'dead'))), { timeout: 20_000 })
          .toBe(2);
        expect(texts).toEqual(['rejected', 'expired']);
        expect(await textsIn(channel, 'rejecting')).toEqual([]);
        expect(await textsIn(channel, 'waiting')).toEqual([]);
      },
    );
  });
});
