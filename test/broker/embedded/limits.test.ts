import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endOf, refusalOf } from './conformance/brokers.ts';
import { contentHeader, frame, onChannel } from './conformance/raw-client.ts';
import { embeddedBrokers } from './embedded.ts';

const embedded = embeddedBrokers();

describe('limits', () => {
  it.each([
    ['queues', (channel) => channel.assertQueue('', { exclusive: true })],
    ['exchanges', (channel) => channel.assertExchange(`e${Math.random()}`, 'topic')],
    ['bindings', (channel) => channel.bindQueue('q', 'amq.topic', String(Math.random()))],
    ['consumers', (channel) => channel.consume('q', () => undefined)],
  ] as readonly [
    'queues' | 'exchanges' | 'bindings' | 'consumers',
    (channel: import('amqplib').Channel) => Promise<unknown>,
  ][])('there are only so many %s: 406', async (kind, add) => {
    // Six exchanges are built in, and one queue is there from the start.
    const limits = { queues: 4, exchanges: 9, bindings: 3, consumers: 3 };
    const broker = await embedded.start({ limits });
    const channel = await embedded.channel(broker.url);
    await channel.assertQueue('q');
    for (let count = 0; count < 3; count += 1) await add(channel);
    expect(await refusalOf(add(channel))).toMatchObject({
      code: 406,
      sentence: expect.stringMatching(new RegExp(`limit of \\d+ ${kind}`)),
    });
  });

  it('a message that is too large closes its channel before its body has come: 406', async () => {
    const broker = await embedded.start({ limits: { bodyBytes: 1_000 } });
    const client = await onChannel(broker.url);
    client.send('BasicPublish', 1, { routingKey: 'q' });
    client.write(frame(2, 1, contentHeader(1_001)));
    expect((await client.nextOf('ChannelClose')).fields).toMatchObject({
      replyCode: 406,
      replyText: 'PRECONDITION_FAILED - message size 1001 is larger than configured max size 1000',
    });
    client.destroy();
  });

  it('a connection too many is hung up on', async () => {
    const broker = await embedded.start({ limits: { connections: 1 } });
    await embedded.connect(broker.url);
    await expect(embedded.connect(broker.url)).rejects.toThrow();
    expect(broker.stats().connections).toBe(1);
  });

  it('a channel beyond what was agreed upon ends the connection: 530', async () => {
    const broker = await embedded.start({ limits: { channels: 3 } });
    const client = await onChannel(broker.url);
    client.send('ChannelOpen', 4);
    expect((await client.nextOf('ConnectionClose')).fields).toMatchObject({ replyCode: 530 });
    client.destroy();
  });

  it('full memory blocks publishers, and consumers that make room unblock them', async () => {
    const broker = await embedded.start({ limits: { messageBytes: 200_000 } });
    const connection = await embedded.connect(broker.url);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue('q');
    const blocked = once(connection, 'blocked');
    const body = Buffer.alloc(1_000);
    for (let count = 0; count < 1_000; count += 1) channel.sendToQueue('q', body);
    expect(await blocked).toEqual(['low on memory']);
    expect(broker.stats().blockedBy).toBe('memory');
    // What had been received when the limit was reached is taken in; what waits in sockets is not.
    expect(broker.stats().messageBytes).toBeLessThan(500_000);
    const consumer = await embedded.channel(broker.url);
    let received = 0;
    await consumer.consume('q', () => (received += 1), { noAck: true });
    await channel.waitForConfirms();
    await expect.poll(() => received, { timeout: 20_000 }).toBe(1_000);
    expect(broker.stats()).toMatchObject({ blockedBy: undefined, messageBytes: 0 });
  });

  it('a consumer that does not read gets no more than the limit, and all the rest when it reads', async () => {
    const broker = await embedded.start({ limits: { outputBytes: 50_000 } });
    const publisher = await embedded.channel(broker.url);
    await publisher.assertQueue('q');
    const consumer = await onChannel(broker.url);
    consumer.pause();
    consumer.send('BasicConsume', 1, { queue: 'q', noAck: true });
    const body = Buffer.alloc(100_000);
    for (let count = 0; count < 200; count += 1) publisher.sendToQueue('q', body);
    await publisher.waitForConfirms();
    // Sockets of the system hold a few megabytes of the twenty.
    expect(broker.stats().queues[0]?.ready).toBeGreaterThan(50);
    consumer.resume();
    for (let count = 0; count < 200; count += 1) {
      expect((await consumer.nextOf('BasicDeliver')).method).toBe('BasicDeliver');
    }
    consumer.destroy();
  });

  it('publishers wait while the disk is behind, and every message gets there', async () => {
    const broker = await embedded.start({
      journalFile: embedded.journalFile(),
      limits: { journalBytes: 50_000 },
    });
    const channel = await embedded.channel(broker.url);
    await channel.assertQueue('q', { durable: true });
    const body = Buffer.alloc(1_000);
    for (let count = 0; count < 2_000; count += 1) channel.sendToQueue('q', body, { persistent: true });
    await channel.waitForConfirms();
    expect(broker.stats()).toMatchObject({ blockedBy: undefined, queues: [{ ready: 2_000 }] });
  });

  it('listens on this machine only', async () => {
    await expect(embedded.start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'usage' });
  });

  it('a client with a wrong password is told', async () => {
    const broker = await embedded.start();
    await expect(embedded.connect(broker.url.replace(':guest@', ':wrong@'))).rejects.toThrow('403');
  });

  it('keeps running when a publisher breaks off in the middle of a message', async () => {
    const broker = await embedded.start();
    const client = await onChannel(broker.url);
    client.send('BasicPublish', 1, { routingKey: 'q' });
    client.write(frame(2, 1, contentHeader(100)));
    client.write(frame(3, 1, Buffer.alloc(50)));
    client.destroy();
    const channel = await embedded.channel(broker.url);
    const closed = endOf(channel);
    channel.publish('nowhere', 'k', Buffer.alloc(1));
    expect((await closed).code).toBe(404);
  });
});
