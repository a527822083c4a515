import type { Channel, ConsumeMessage, Options } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { endOf, fetched, forEachBroker, holds, publish, quiet, refusalOf, textsIn } from './brokers.ts';

forEachBroker((bench) => {
  describe('consuming', () => {
    it('delivers in order', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      const texts = Array.from({ length: 50 }, (_, index) => String(index));
      publish(channel, queue, ...texts);
      const inbox = await consume(channel, queue, { noAck: true });
      expect(textsOf(await inbox.first(50))).toEqual(texts);
    });

    it('gives a consumer no more than its prefetch until it acknowledges', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      publish(channel, queue, 'a', 'b', 'c', 'd', 'e');
      await holds(channel, queue, 5);
      await channel.prefetch(2);
      const inbox = await consume(channel, queue);
      const [first] = await inbox.first(2);
      expect((await channel.checkQueue(queue)).messageCount).toBe(3);
      channel.ack(asMessage(first));
      await inbox.first(3);
      await holds(channel, queue, 2);
    });

    it('counts prefetch for each consumer, and with global for the channel as a whole', async () => {
      for (const [isGlobal, delivered] of [
        [false, 2],
        [true, 1],
      ] as const) {
        const channel = await bench.channel();
        const queue = await bench.queue(channel);
        publish(channel, queue, 'a', 'b', 'c');
        await holds(channel, queue, 3);
        await channel.prefetch(1, isGlobal);
        const inboxes = [await consume(channel, queue), await consume(channel, queue)];
        await holds(channel, queue, 3 - delivered);
        // Answered behind whatever was delivered.
        await channel.checkQueue(queue);
        expect(inboxes.reduce((sum, { messages }) => sum + messages.length, 0)).toBe(delivered);
      }
    });

    it('shares messages among consumers in turn', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      const inboxes = [await consume(channel, queue), await consume(channel, queue)];
      publish(channel, queue, 'a', 'b', 'c', 'd');
      const [first, second] = await Promise.all(inboxes.map((inbox) => inbox.first(2)));
      expect([textsOf(first), textsOf(second)]).toEqual([
        ['a', 'c'],
        ['b', 'd'],
      ]);
    });

    it('prefers consumers of higher priority while they have room', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      await channel.prefetch(1);
      const low = await consume(channel, queue, { priority: 1 });
      const high = await consume(channel, queue, { priority: 5 });
      publish(channel, queue, 'a', 'b');
      expect(textsOf(await high.first(1))).toEqual(['a']);
      expect(textsOf(await low.first(1))).toEqual(['b']);
    });

    it('serves one consumer alone with single active consumer, and the next one when it goes', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel, { arguments: { 'x-single-active-consumer': true } });
      const active = await consume(channel, queue, { noAck: true });
      const waiting = await consume(channel, queue, { noAck: true });
      publish(channel, queue, 'a', 'b');
      expect(textsOf(await active.first(2))).toEqual(['a', 'b']);
      await channel.cancel(active.tag);
      publish(channel, queue, 'c');
      expect(textsOf(await waiting.first(1))).toEqual(['c']);
    });

    it('delivers higher message priorities first', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel, { maxPriority: 5 });
      for (const [text, priority] of [
        ['low', 1],
        ['none', undefined],
        ['high', 5],
        ['above', 9],
      ] as const) {
        channel.sendToQueue(queue, Buffer.from(text), priority === undefined ? {} : { priority });
      }
      await holds(channel, queue, 4);
      expect(await textsIn(channel, queue, 4)).toEqual(['high', 'above', 'low', 'none']);
    });

    it('takes back what is nacked with requeue to where it was, marked as redelivered', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      publish(channel, queue, 'a', 'b', 'c');
      await holds(channel, queue, 3);
      const first = await channel.get(queue);
      const second = await channel.get(queue);
      if (first === false || second === false) throw new Error('nothing came');
      expect(first.fields.redelivered).toBe(false);
      channel.nack(second, true, true);
      await holds(channel, queue, 3);
      const again = await fetched(channel, queue);
      expect([again.content.toString(), again.fields.redelivered]).toEqual(['a', true]);
      expect(await textsIn(channel, queue, 2)).toEqual(['b', 'c']);
    });

    it('drops what is rejected without requeue where there is no dead letter exchange', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      publish(channel, queue, 'a');
      await holds(channel, queue, 1);
      const message = await channel.get(queue);
      channel.reject(asMessage(message), false);
      expect((await channel.checkQueue(queue)).messageCount).toBe(0);
    });

    it('takes back what is unacknowledged when a channel closes', async () => {
      const connection = await bench.connection();
      const [going, staying] = [quiet(await connection.createChannel()), await bench.channel()];
      const queue = await bench.queue(staying);
      publish(staying, queue, 'a', 'b');
      const inbox = await consume(going, queue);
      await inbox.first(2);
      await going.close();
      await holds(staying, queue, 2);
      expect((await fetched(staying, queue)).fields.redelivered).toBe(true);
    });

    it('gives everything unacknowledged again on recover', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      publish(channel, queue, 'a', 'b');
      await holds(channel, queue, 2);
      await channel.get(queue);
      await channel.get(queue);
      await channel.recover();
      expect(await textsIn(channel, queue, 2)).toEqual(['a', 'b']);
    });

    it('acknowledges several at once, and everything with tag 0', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      publish(channel, queue, 'a', 'b', 'c', 'd');
      const inbox = await consume(channel, queue);
      const [, second] = await inbox.first(4);
      channel.ack(asMessage(second), true);
      await channel.recover();
      expect(textsOf((await inbox.first(6)).slice(4))).toEqual(['c', 'd']);
      channel.ackAll();
      await channel.cancel(inbox.tag);
      await holds(channel, queue, 0);
    });

    it.each([
      [
        'acknowledged twice',
        (channel: Channel, message: ConsumeMessage) => {
          channel.ack(message);
          channel.ack(message);
        },
      ],
      [
        'never delivered',
        (channel: Channel, message: ConsumeMessage) => {
          channel.ack({ ...message, fields: { ...message.fields, deliveryTag: 99 } });
        },
      ],
    ])('closes the channel for what is %s: 406', async (_, acknowledge) => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      publish(channel, queue, 'a');
      const [message] = await (await consume(channel, queue)).first(1);
      const ended = endOf(channel);
      acknowledge(channel, asMessage(message));
      expect(await ended).toMatchObject({
        code: 406,
        sentence: expect.stringMatching(/^PRECONDITION_FAILED - unknown delivery tag \d+$/),
      });
    });

    it('answers a get of an empty queue, and says how many are left otherwise', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      expect(await channel.get(queue)).toBe(false);
      publish(channel, queue, 'a', 'b', 'c');
      await holds(channel, queue, 3);
      expect((await fetched(channel, queue)).fields).toMatchObject({ messageCount: 2, redelivered: false });
    });

    it('tells a consumer when its queue is deleted', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      const cancelled = new Promise<unknown>((resolve) => {
        void channel.consume(queue, (message) => {
          if (message === null) resolve('cancelled');
        });
      });
      await (await bench.channel()).deleteQueue(queue);
      expect(await cancelled).toBe('cancelled');
    });

    it('lets an exclusive consumer be the only one: 403', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      await consume(channel, queue, { exclusive: true });
      expect(await refusalOf((await bench.channel()).consume(queue, () => undefined))).toEqual({
        code: 403,
        sentence: `ACCESS_REFUSED - queue '${queue}' in vhost '/' in exclusive use`,
      });
    });

    it('closes the connection for a consumer tag that is used already: 530', async () => {
      const connection = await bench.connection();
      const channel = quiet(await connection.createChannel());
      const queue = await bench.queue(channel);
      const ended = endOf(connection);
      await channel.consume(queue, () => undefined, { consumerTag: 'mine' });
      channel.consume(queue, () => undefined, { consumerTag: 'mine' }).catch(() => undefined);
      expect(await ended).toEqual({
        code: 530,
        sentence: "NOT_ALLOWED - attempt to reuse consumer tag 'mine'",
      });
    });

    it('takes the cancelling of a consumer that is not there as done', async () => {
      const channel = await bench.channel();
      await expect(channel.cancel('nobody')).resolves.toMatchObject({ consumerTag: 'nobody' });
    });
  });
});

interface Inbox {
  readonly tag: string;
  readonly messages: readonly ConsumeMessage[];
  /** Resolves with the first `count` messages once they are there. */
  first(count: number): Promise<readonly ConsumeMessage[]>;
}

async function consume(channel: Channel, queue: string, options: Options.Consume = {}): Promise<Inbox> {
  const messages: ConsumeMessage[] = [];
  const watchers = new Set<() => void>();
  const { consumerTag: tag } = await channel.consume(
    queue,
    (message) => {
      if (message !== null) messages.push(message);
      for (const watcher of watchers) watcher();
    },
    options,
  );
  const first = (count: number) =>
    new Promise<readonly ConsumeMessage[]>((resolve) => {
      const look = () => {
        if (messages.length < count) return;
        watchers.delete(look);
        resolve(messages.slice(0, count));
      };
      watchers.add(look);
      look();
    });
  return { tag, messages, first };
}

const textsOf = (messages: readonly ConsumeMessage[] | undefined) =>
  messages?.map(({ content }) => content.toString());

/** amqplib's types tell messages that were fetched from those that were delivered; acknowledging takes either. */
function asMessage<M extends object>(message: M | false | undefined): M {
  if (message === undefined || message === false) throw new Error('there is no message');
  return message;
}
