import type { Channel } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { type Bench, fetched, forEachBroker, holds, publish, textsIn } from './brokers.ts';

// Time to live, limits on length, and dead letters.
forEachBroker((bench) => {
  describe('dying', () => {
    it.each([
      ['the queue says how long', { messageTtl: 50 }, {}, undefined],
      ['the message says how long', {}, { expiration: '50' }, '50'],
      ['both say, and the shorter holds', { messageTtl: 50 }, { expiration: '600000' }, '600000'],
    ])('an expired message becomes a dead letter: %s', async (_, settings, properties, original) => {
      const channel = await bench.channel();
      const { queue, dead } = await withDeadLetters(bench, channel, settings);
      channel.sendToQueue(queue, Buffer.from('late'), {
        ...properties,
        headers: { mine: 1 },
        messageId: 'm',
      });
      const letter = await fetched(channel, dead);
      expect(letter.content.toString()).toBe('late');
      expect(letter.properties.messageId).toBe('m');
      expect(letter.properties.expiration).toBeUndefined();
      expect(letter.properties.headers).toEqual({
        mine: 1,
        'x-first-death-exchange': '',
        'x-first-death-queue': queue,
        'x-first-death-reason': 'expired',
        'x-death': [
          {
            count: 1,
            reason: 'expired',
            queue,
            time: { '!': 'timestamp', value: expect.any(Number) },
            exchange: '',
            'routing-keys': [queue],
            ...(original === undefined ? {} : { 'original-expiration': original }),
          },
        ],
      });
    });

    it('a message with no time to wait goes to a consumer that is there, or dies at once', async () => {
      const channel = await bench.channel();
      const { queue, dead } = await withDeadLetters(bench, channel, { messageTtl: 0 });
      publish(channel, queue, 'nobody there');
      expect(await textsIn(channel, dead, 1)).toEqual(['nobody there']);
      const delivered = new Promise<string>((resolve) => {
        void channel
          .consume(queue, (message) => resolve(String(message?.content)), { noAck: true })
          .then(() => publish(channel, queue, 'somebody there'));
      });
      expect(await delivered).toBe('somebody there');
    });

    it('counts deaths of the same kind in the same queue, and puts the latest first', async () => {
      const channel = await bench.channel();
      const waiting = bench.name();
      const { queue, dead } = await withDeadLetters(bench, channel, {});
      await channel.assertQueue(waiting, {
        durable: false,
        autoDelete: true,
        messageTtl: 20,
        deadLetterExchange: '',
        deadLetterRoutingKey: queue,
      });
      publish(channel, queue, 'poison');
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        channel.reject(await taken(channel, queue), false);
        const letter = await fetched(channel, dead);
        const deaths: unknown = letter.properties.headers?.['x-death'];
        expect(deaths).toMatchObject(
          attempt === 1
            ? [{ queue, reason: 'rejected', count: 1 }]
            : [
                { queue, reason: 'rejected', count: attempt },
                { queue: waiting, reason: 'expired', count: attempt - 1, exchange: '' },
              ],
        );
        expect(letter.properties.headers).toMatchObject({
          'x-first-death-queue': queue,
          'x-first-death-reason': 'rejected',
        });
        channel.sendToQueue(waiting, letter.content, { headers: letter.properties.headers ?? {} });
      }
      await holds(channel, queue, 1);
      await channel.deleteQueue(waiting);
    });

    it('drops a message that would go round for ever, because no consumer had a hand in it', async () => {
      const channel = await bench.channel();
      const [a, b] = [bench.name(), bench.name()];
      const round = (to: string) => ({
        durable: false,
        expires: 60_000,
        messageTtl: 20,
        deadLetterExchange: '',
        deadLetterRoutingKey: to,
      });
      const alternate = await bench.queue(channel);
      await channel.assertQueue(a, round(b));
      await channel.assertQueue(b, round(a));
      publish(channel, a, 'round');
      // Sent later into a queue of the same pace that leads out: when it is out, the other is where it stays.
      const out = await bench.queue(channel, {
        messageTtl: 200,
        deadLetterExchange: '',
        deadLetterRoutingKey: alternate,
      });
      publish(channel, out, 'clock');
      await textsIn(channel, alternate, 1);
      await holds(channel, a, 0);
      await holds(channel, b, 0);
      await channel.deleteQueue(a);
      await channel.deleteQueue(b);
    });

    it('lets a message go round that a consumer rejects, which is how retries are built', async () => {
      const channel = await bench.channel();
      const exchange = await bench.exchange(channel, 'direct');
      const queue = await bench.queue(channel, {
        deadLetterExchange: exchange,
        deadLetterRoutingKey: 'again',
      });
      await channel.bindQueue(queue, exchange, 'again');
      publish(channel, queue, 'retry');
      for (let attempt = 0; attempt < 3; attempt += 1) channel.reject(await taken(channel, queue), false);
      const last = await fetched(channel, queue);
      expect(last.properties.headers?.['x-death']).toMatchObject([
        { queue, reason: 'rejected', count: 3, 'routing-keys': [queue], exchange: '' },
      ]);
    });

    it.each([
      ['by number', { maxLength: 2 }],
      ['by bytes', { arguments: { 'x-max-length-bytes': 2 } }],
    ])('a queue that is full lets go of its oldest message: %s', async (_, settings) => {
      const channel = await bench.confirmChannel();
      const { queue, dead } = await withDeadLetters(bench, channel, settings);
      publish(channel, queue, 'a', 'b', 'c', 'd');
      await channel.waitForConfirms();
      expect(await textsIn(channel, dead, 2)).toEqual(['a', 'b']);
      await holds(channel, queue, 2);
      expect(await textsIn(channel, queue, 2)).toEqual(['c', 'd']);
    });

    it('names the reason of a message that had to make room', async () => {
      const channel = await bench.channel();
      const { queue, dead } = await withDeadLetters(bench, channel, { maxLength: 1 });
      publish(channel, queue, 'a', 'b');
      const letter = await fetched(channel, dead);
      expect(letter.properties.headers?.['x-death']).toMatchObject([{ queue, reason: 'maxlen', count: 1 }]);
    });

    it.each([
      ['reject-publish', 0],
      ['reject-publish-dlx', 2],
    ])('a queue that is full refuses with %s: nack', async (overflow, deadLetters) => {
      const channel = await bench.confirmChannel();
      const { queue, dead } = await withDeadLetters(bench, channel, {
        maxLength: 1,
        arguments: { 'x-overflow': overflow },
      });
      const outcomes: string[] = [];
      for (const text of ['a', 'b', 'c']) {
        // One after the other: what RabbitMQ says of a queue's length lags behind what is on its way there.
        await new Promise<void>((resolve) => {
          channel.sendToQueue(queue, Buffer.from(text), {}, (error) => {
            outcomes.push(error === null || error === undefined ? 'ack' : 'nack');
            resolve();
          });
        });
      }
      expect(outcomes).toEqual(['ack', 'nack', 'nack']);
      expect(await textsIn(channel, dead, deadLetters)).toEqual(['b', 'c'].slice(0, deadLetters));
      expect(await textsIn(channel, queue, 1)).toEqual(['a']);
    });

    it('keeps the routing keys of a dead letter when none is set, those in CC too', async () => {
      const channel = await bench.channel();
      const exchange = await bench.exchange(channel, 'topic');
      const caught = await bench.queue(channel);
      await channel.bindQueue(caught, exchange, '#');
      const queue = await bench.queue(channel, { deadLetterExchange: exchange });
      channel.sendToQueue(queue, Buffer.from('x'), { CC: ['copy'] });
      channel.reject(await taken(channel, queue), false);
      const letter = await fetched(channel, caught);
      expect([letter.fields.exchange, letter.fields.routingKey]).toEqual([exchange, queue]);
      expect(letter.properties.headers?.['CC']).toEqual(['copy']);
      expect(letter.properties.headers?.['x-death']).toMatchObject([{ 'routing-keys': [queue, 'copy'] }]);
    });
  });
});

/** A queue whose dead letters come into another one. */
async function withDeadLetters(bench: Bench, channel: Channel, settings: object) {
  const exchange = await bench.exchange(channel, 'fanout');
  const dead = await bench.queue(channel);
  await channel.bindQueue(dead, exchange, '');
  const queue = await bench.queue(channel, { ...settings, deadLetterExchange: exchange });
  return { queue, dead };
}

/** Fetches until there is a message, and leaves it unacknowledged. */
async function taken(channel: Channel, queue: string) {
  for (;;) {
    const message = await channel.get(queue);
    if (message !== false) return message;
  }
}
