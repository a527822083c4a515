import type { ConfirmChannel } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { embeddedBrokers } from './embedded.ts';

const embedded = embeddedBrokers();
const COUNT = 3_000;
const bodyOf = (number: number) => Buffer.from(`${number} ${'x'.repeat(500)}`);
const numbers = Array.from({ length: COUNT }, (_, number) => number);

/** A broker that keeps hardly a body in memory once it is on disk, and a channel. */
async function lean() {
  const broker = await embedded.start({
    journalFile: embedded.journalFile(),
    limits: { residentBytes: 1_000 },
  });
  return { broker, channel: await embedded.channel(broker.url) };
}

async function publishAll(channel: ConfirmChannel, queue: string): Promise<void> {
  for (const number of numbers) channel.sendToQueue(queue, bodyOf(number), { persistent: true });
  await channel.waitForConfirms();
}

/** The numbers of the next deliveries, each with its whole body. */
function delivered(channel: ConfirmChannel, queue: string, count: number): Promise<readonly number[]> {
  const received: number[] = [];
  return new Promise((resolve) => {
    void channel.consume(queue, (message) => {
      if (message === null) return;
      const number = Number.parseInt(message.content.toString(), 10);
      received.push(message.content.equals(bodyOf(number)) ? number : Number.NaN);
      channel.ack(message);
      if (received.length === count) resolve(received);
    });
  });
}

describe('messages of which only the journal has the body', () => {
  it('leave memory, and are delivered whole and in order', async () => {
    const { broker, channel } = await lean();
    await channel.assertQueue('q', { durable: true });
    await publishAll(channel, 'q');
    expect(broker.stats().queues).toMatchObject([{ ready: COUNT, readyBytes: expect.any(Number) }]);
    // Their bodies alone would be 1.5 MB; what is left is what each costs besides.
    expect(broker.stats().messageBytes).toBeLessThan(COUNT * 450);
    await channel.prefetch(100);
    expect(await delivered(channel, 'q', COUNT)).toEqual(numbers);
    await channel.checkQueue('q');
    expect(broker.stats()).toMatchObject({ messageBytes: 0, queues: [{ ready: 0, unacked: 0 }] });
  });

  it('can be fetched, given back, and fetched again', async () => {
    const { broker, channel } = await lean();
    await channel.assertQueue('q', { durable: true });
    await publishAll(channel, 'q');
    for (let time = 0; time < 2; time += 1) {
      const message = await channel.get('q');
      if (message === false) throw new Error('nothing came');
      expect(message.content.equals(bodyOf(0))).toBe(true);
      channel.nack(message, false, true);
    }
    await channel.checkQueue('q');
    expect(broker.stats().queues).toMatchObject([{ ready: COUNT, unacked: 0 }]);
  });

  it('die with their bodies: expired, rejected and pushed out', async () => {
    const { broker, channel } = await lean();
    await channel.assertQueue('dead', { durable: true });
    const letters = { durable: true, deadLetterExchange: '', deadLetterRoutingKey: 'dead' };
    await channel.assertQueue('expiring', { ...letters, messageTtl: 500 });
    await channel.assertQueue('short', { ...letters, maxLength: 100 });
    await publishAll(channel, 'expiring');
    await publishAll(channel, 'short');
    const dying = 2 * COUNT - 100;
    await expect
      .poll(async () => (await channel.checkQueue('dead')).messageCount, { timeout: 25_000 })
      .toBe(dying);
    const received = await delivered(channel, 'dead', dying);
    expect([...received].sort((a, b) => a - b)).toEqual(
      [...numbers, ...numbers.slice(0, -100)].sort((a, b) => a - b),
    );
    await channel.checkQueue('dead');
    expect(broker.stats().queues).toMatchObject([
      { name: 'dead' },
      { name: 'expiring', ready: 0 },
      { ready: 100 },
    ]);
  });

  it('are rejected into the dead letters though they have left memory since they were delivered', async () => {
    const { channel } = await lean();
    await channel.assertQueue('dead', { durable: true });
    await channel.assertQueue('q', { durable: true, deadLetterExchange: '', deadLetterRoutingKey: 'dead' });
    const consumer = await channel.consume('q', () => undefined);
    await publishAll(channel, 'q');
    await channel.cancel(consumer.consumerTag);
    channel.nackAll(false);
    expect(await delivered(channel, 'dead', COUNT)).toEqual(numbers);
  });

  it('stay in memory while a queue has them that the journal does not know', async () => {
    const { channel } = await lean();
    await channel.assertQueue('stored', { durable: true });
    await channel.assertQueue('transient', { durable: false });
    for (const queue of ['stored', 'transient']) await channel.bindQueue(queue, 'amq.fanout', '');
    for (const number of numbers) channel.publish('amq.fanout', '', bodyOf(number), { persistent: true });
    await channel.waitForConfirms();
    expect(await delivered(channel, 'stored', COUNT)).toEqual(numbers);
    expect(await delivered(channel, 'transient', COUNT)).toEqual(numbers);
  });

  it('are there after a restart without having been read for it', async () => {
    const journalFile = embedded.journalFile();
    const first = await embedded.start({ journalFile });
    const channel = await embedded.channel(first.url);
    await channel.assertQueue('q', { durable: true });
    await publishAll(channel, 'q');
    await embedded.stop(first);
    const second = await embedded.start({ journalFile });
    expect(second.stats().messageBytes).toBeLessThan(COUNT * 450);
    expect(await delivered(await embedded.channel(second.url), 'q', COUNT)).toEqual(numbers);
  });
});
