import { once } from 'node:events';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { describe, expect, it } from 'vitest';
import type { BrokerFaults } from '../../../src/broker/embedded/index.ts';
import { embeddedBrokers, ended } from './embedded.ts';

const embedded = embeddedBrokers();

/** A broker with a fault, and a channel on it with a queue. */
async function withFault(faults: BrokerFaults, options: object = {}) {
  const broker = await embedded.start({ faults });
  const connection = await embedded.connect(broker.url);
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => undefined);
  const { queue } = await channel.assertQueue('q', options);
  return { broker, connection, channel, queue };
}

/** The next `count` deliveries, acknowledged. */
function deliveries(
  channel: ConfirmChannel,
  queue: string,
  count: number,
): Promise<readonly ConsumeMessage[]> {
  const messages: ConsumeMessage[] = [];
  return new Promise((resolve) => {
    void channel.consume(queue, (message) => {
      if (message === null) return;
      messages.push(message);
      channel.ack(message);
      if (messages.length === count) resolve(messages);
    });
  });
}

const textOf = ({ content }: ConsumeMessage) => content.toString();

describe('faults', () => {
  it('duplicate: every message comes twice', async () => {
    const { channel, queue } = await withFault({ duplicate: 1 });
    for (const text of ['a', 'b', 'c']) channel.sendToQueue(queue, Buffer.from(text));
    expect((await deliveries(channel, queue, 6)).map(textOf)).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
  });

  it('duplicate: a message that comes back as a dead letter is not doubled again', async () => {
    const { broker, channel, queue } = await withFault(
      { duplicate: 1 },
      { deadLetterExchange: '', deadLetterRoutingKey: 'dead' },
    );
    await channel.assertQueue('dead');
    channel.sendToQueue(queue, Buffer.from('a'));
    await channel.waitForConfirms();
    for (let copies = 0; copies < 2; copies += 1) {
      const message = await channel.get(queue);
      if (message !== false) channel.reject(message, false);
    }
    await channel.checkQueue('dead');
    expect(broker.stats().queues).toMatchObject([
      { name: 'q', ready: 0, unacked: 0 },
      { name: 'dead', ready: 2 },
    ]);
  });

  it('delay: messages are late, and none is lost', async () => {
    const { broker, channel, queue } = await withFault({ delay: { share: 1, maxMs: 50 } });
    const texts = Array.from({ length: 20 }, (_, index) => String(index));
    for (const text of texts) channel.sendToQueue(queue, Buffer.from(text));
    await channel.waitForConfirms();
    const arrived = (await deliveries(channel, queue, 20)).map(textOf);
    expect(arrived).not.toEqual(texts);
    expect(new Set(arrived)).toEqual(new Set(texts));
    expect(broker.stats().queues[0]).toMatchObject({ delayed: 0, ready: 0 });
  });

  it('reorder: a later message overtakes, the same ones for the same seed', async () => {
    const texts = Array.from({ length: 30 }, (_, index) => String(index));
    const orders: (readonly string[])[] = [];
    for (let run = 0; run < 2; run += 1) {
      const { channel, queue } = await withFault({ reorder: 0.5 });
      for (const text of texts) channel.sendToQueue(queue, Buffer.from(text));
      await channel.waitForConfirms();
      orders.push((await deliveries(channel, queue, 30)).map(textOf));
    }
    const [first = [], second] = orders;
    expect(first).not.toEqual(texts);
    expect(new Set(first)).toEqual(new Set(texts));
    expect(second).toEqual(first);
  });

  it('cutBeforeConfirm: the message is stored, and the publisher cannot know', async () => {
    const { broker, connection, channel, queue } = await withFault({ cutBeforeConfirm: 1 });
    const cut = ended(connection);
    channel.sendToQueue(queue, Buffer.from('a'));
    await expect(channel.waitForConfirms()).rejects.toThrow();
    await cut;
    expect(broker.stats().queues).toMatchObject([{ name: 'q', ready: 1 }]);
  });

  it('withholdConfirm: the message is stored, and no confirm comes for it', async () => {
    const { broker, channel, queue } = await withFault({ withholdConfirm: 1 });
    const outcomes: string[] = [];
    channel.sendToQueue(queue, Buffer.from('a'), {}, () => outcomes.push('a'));
    await channel.checkQueue(queue);
    broker.setFaults({});
    channel.sendToQueue(queue, Buffer.from('b'), {}, () => outcomes.push('b'));
    await expect.poll(() => outcomes, { timeout: 20_000 }).toEqual(['b']);
    expect(broker.stats().queues).toMatchObject([{ ready: 2 }]);
  });

  it('nack: the message is refused and not stored', async () => {
    const { broker, channel, queue } = await withFault({ nack: 1 });
    channel.sendToQueue(queue, Buffer.from('a'));
    await expect(channel.waitForConfirms()).rejects.toThrow();
    expect(broker.stats().queues).toMatchObject([{ ready: 0 }]);
    broker.setFaults({});
    channel.sendToQueue(queue, Buffer.from('b'));
    await channel.waitForConfirms();
    expect(broker.stats().queues).toMatchObject([{ ready: 1 }]);
  });

  it('cutBeforeAck: what was done is delivered again', async () => {
    const { broker, connection, channel, queue } = await withFault({ cutBeforeAck: 1 });
    channel.sendToQueue(queue, Buffer.from('a'));
    const cut = ended(connection);
    await channel.consume(queue, (message) => {
      if (message !== null) channel.ack(message);
    });
    await cut;
    broker.setFaults({});
    const [again] = await deliveries(await embedded.channel(broker.url), queue, 1);
    expect(again?.fields.redelivered).toBe(true);
  });

  it('blocked: publishers are told and wait until it ends, and consumers go on', async () => {
    const { broker, connection, channel, queue } = await withFault({});
    channel.sendToQueue(queue, Buffer.from('before'));
    await channel.waitForConfirms();
    const blocked = once(connection, 'blocked');
    broker.setFaults({ blocked: true });
    expect(await blocked).toEqual(['blocked']);
    channel.sendToQueue(queue, Buffer.from('after'));
    const consumer = await embedded.channel(broker.url);
    expect((await deliveries(consumer, queue, 1)).map(textOf)).toEqual(['before']);
    // Answered behind the acknowledgement.
    await consumer.checkQueue(queue);
    expect(broker.stats()).toMatchObject({ blockedBy: 'fault', queues: [{ ready: 0, unacked: 0 }] });
    const unblocked = once(connection, 'unblocked');
    broker.setFaults({});
    await unblocked;
    await channel.waitForConfirms();
  });

  it('strikes the same messages for the same seed, whoever connects meanwhile', async () => {
    const counts: number[] = [];
    for (const strangers of [0, 5]) {
      const { broker, channel, queue } = await withFault({ duplicate: 0.3 });
      for (let index = 0; index < strangers; index += 1) {
        await (await embedded.channel(broker.url)).assertQueue('', { exclusive: true });
      }
      for (let index = 0; index < 100; index += 1) channel.sendToQueue(queue, Buffer.from(String(index)));
      await channel.waitForConfirms();
      counts.push((await channel.checkQueue(queue)).messageCount);
    }
    expect(counts[0]).toBeGreaterThan(100);
    expect(counts[1]).toBe(counts[0]);
  });
});
