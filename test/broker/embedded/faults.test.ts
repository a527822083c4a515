import { once } from 'node:events';
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { describe, expect, it } from 'vitest';
import type { BrokerFaults } from '../../../src/broker/embedded/index.ts';
import { onChannel } from './conformance/raw-client.ts';
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

  it('cutMidFrame: half a frame comes, and the message again on another connection', async () => {
    const { broker, connection, channel, queue } = await withFault({ cutMidFrame: 1 });
    const cut = ended(connection);
    channel.sendToQueue(queue, Buffer.from('whole'));
    await channel.waitForConfirms();
    const seen: string[] = [];
    await channel
      .consume(queue, (message) => seen.push(message === null ? 'cancelled' : textOf(message)))
      .catch(() => undefined);
    await cut;
    expect(seen).toEqual([]);
    broker.setFaults({});
    const [again] = await deliveries(await embedded.channel(broker.url), queue, 1);
    expect(again).toMatchObject({ fields: { redelivered: true }, content: Buffer.from('whole') });
  });

  it('cutMidFrame: any frame of a message may be the last one, and none is whole then', async () => {
    const { broker, channel, queue } = await withFault({});
    channel.sendToQueue(queue, Buffer.alloc(10, 'x'));
    await channel.waitForConfirms();
    broker.setFaults({ cutMidFrame: 1 });
    const whole = new Set<string>();
    const broken = new Set<number>();
    for (let round = 0; round < 20; round += 1) {
      const client = await onChannel(broker.url);
      client.send('BasicGet', 1, { queue });
      const frames: string[] = [];
      for (let next = await client.next(); next.method !== 'closed'; next = await client.next()) {
        frames.push(next.method);
      }
      for (const method of frames) whole.add(method);
      broken.add(client.restBytes);
    }
    expect([...whole].sort()).toEqual(['BasicGetOk', 'header']);
    // In the method, in the header or in the body.
    expect(broken.size).toBeGreaterThan(3);
    expect(broken).not.toContain(0);
    expect(broker.stats().queues).toMatchObject([{ ready: 1, unacked: 0 }]);
  });

  it('silence: the connection stays open, nothing comes any more, and what it has comes back once it is gone', async () => {
    const { broker, channel, queue } = await withFault({});
    channel.sendToQueue(queue, Buffer.from('a'));
    await channel.waitForConfirms();
    const client = await onChannel(broker.url, { heartbeat: 1 });
    client.send('BasicGet', 1, { queue });
    expect((await client.next()).method).toBe('BasicGetOk');
    await client.nextOf('body');
    await expect.poll(() => client.heartbeats, { timeout: 20_000 }).toBeGreaterThan(0);
    broker.setFaults({ silence: 1 });
    // Somebody whose silence is heard at the same time: when it has fallen silent, so has the other.
    const witness = await embedded.connect(`${broker.url}?heartbeat=1`);
    const noticed = new Promise<Error>((resolve) => witness.on('error', resolve));
    expect((await noticed).message).toBe('Heartbeat timeout');
    const { heartbeats } = client;
    broker.setFaults({});
    client.send('BasicGet', 1, { queue });
    client.send('QueueDelete', 1, { queue });
    const other = await embedded.connect(`${broker.url}?heartbeat=1`);
    expect(await (await other.createChannel()).checkQueue(queue)).toMatchObject({ messageCount: 0 });
    expect(broker.stats().queues).toMatchObject([{ ready: 0, unacked: 1 }]);
    expect(client).toMatchObject({ heartbeats, isClosed: false });
    client.destroy();
    const [again] = await deliveries(channel, queue, 1);
    expect(again?.fields.redelivered).toBe(true);
  });

  it('silence: a broker that stops does not wait for those whom it does not hear', async () => {
    const { broker } = await withFault({ silence: 1 });
    const client = await onChannel(broker.url, { heartbeat: 1 });
    const witness = await embedded.connect(`${broker.url}?heartbeat=1`);
    await ended(witness);
    await embedded.stop(broker);
    expect((await client.nextOf('closed')).method).toBe('closed');
  });

  it('journalFull: refuses instead of confirming, keeps what it has confirmed, and goes on when there is room', async () => {
    const journalFile = embedded.journalFile();
    const broker = await embedded.start({ journalFile });
    const channel = await embedded.channel(broker.url);
    await channel.assertQueue('q', { durable: true });
    const outcomes: string[] = [];
    const send = (text: string, options = { persistent: true }) =>
      new Promise<void>((resolve) => {
        channel.sendToQueue('q', Buffer.from(text), options, (error) => {
          outcomes.push(`${text} ${error === null ? 'confirmed' : 'refused'}`);
          resolve();
        });
      });
    await send('before');
    broker.setFaults({ journalFull: 1 });
    await send('in the batch');
    await send('while full');
    // It outlives nothing, so it needs no disk.
    await send('transient', { persistent: false });
    broker.setFaults({});
    await expect
      .poll(
        async () => {
          await send('again');
          return outcomes.at(-1);
        },
        { timeout: 20_000 },
      )
      .toBe('again confirmed');
    expect(outcomes.slice(0, 4)).toEqual([
      'before confirmed',
      'in the batch refused',
      'while full refused',
      'transient confirmed',
    ]);
    await embedded.stop(broker);
    const next = await embedded.start({ journalFile });
    // What was refused may be there all the same: who was not confirmed publishes again.
    const texts = (await deliveries(await embedded.channel(next.url), 'q', 3)).map(textOf);
    expect(texts).toEqual(['before', 'in the batch', 'again']);
  });

  it('journalFull: what was confirmed is there after it was killed on a full disk', async () => {
    const journalFile = embedded.journalFile();
    const broker = await embedded.start({ journalFile, faults: { journalFull: 0.5 } });
    const channel = await embedded.channel(broker.url);
    await channel.assertQueue('q', { durable: true });
    const confirmed: string[] = [];
    const refused: string[] = [];
    for (let number = 0; number < 60; number += 1) {
      await new Promise<void>((resolve) => {
        channel.sendToQueue('q', Buffer.from(String(number)), { persistent: true }, (error) => {
          (error === null ? confirmed : refused).push(String(number));
          resolve();
        });
      });
      // Some find the disk full, others find that there is room again.
      if (number % 20 === 10) await channel.assertQueue(`other-${number}`, { durable: true });
    }
    broker.setFaults({ journalFull: 1 });
    await embedded.stop(broker);
    const next = await embedded.start({ journalFile });
    const reader = await embedded.channel(next.url);
    const { messageCount } = await reader.checkQueue('q');
    const kept = (await deliveries(reader, 'q', messageCount)).map(textOf);
    expect(kept).toEqual(expect.arrayContaining(confirmed));
    expect([confirmed.length, refused.length]).not.toContain(0);
  });

  it('journalFull: a broker without a journal refuses it, at the start and later', async () => {
    const refusal = { code: 'usage', message: 'a broker without a journal has none that could be full' };
    await expect(embedded.start({ faults: { journalFull: 0.1 } })).rejects.toMatchObject(refusal);
    const broker = await embedded.start();
    expect(() => broker.setFaults({ journalFull: 1 })).toThrow(expect.objectContaining(refusal));
  });

  it('strikes the same messages whatever else goes wrong', async () => {
    const struck: string[][] = [];
    for (const others of [{}, { reorder: 0.5 }]) {
      const { broker, channel, queue } = await withFault({ duplicate: 0.3, ...others });
      for (let index = 0; index < 50; index += 1) {
        channel.sendToQueue(queue, Buffer.from(String(index)));
        // Taken out and put back, so that the other fault is asked too.
        const taken = await channel.get(queue);
        if (taken !== false) channel.nack(taken);
      }
      await channel.waitForConfirms();
      broker.setFaults({});
      const { messageCount } = await channel.checkQueue(queue);
      struck.push((await deliveries(channel, queue, messageCount)).map(textOf));
    }
    expect(struck[0]?.length).toBeGreaterThan(50);
    expect(struck[1]).toEqual(struck[0]);
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
