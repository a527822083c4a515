import { describe, expect, it } from 'vitest';
import { endOf, fetched, forEachBroker, holds } from './brokers.ts';

forEachBroker((bench) => {
  describe('publishing', () => {
    it('confirms every message once, one by one or several together', async () => {
      const channel = await bench.confirmChannel();
      const queue = await bench.queue(channel, { durable: true });
      const confirmed: number[] = [];
      for (let number = 1; number <= 200; number += 1) {
        channel.sendToQueue(queue, Buffer.from('x'), { persistent: number % 2 === 0 }, (error) => {
          if (error === null || error === undefined) confirmed.push(number);
        });
      }
      await channel.waitForConfirms();
      expect([...confirmed].sort((a, b) => a - b)).toEqual(
        Array.from({ length: 200 }, (_, index) => index + 1),
      );
      await holds(channel, queue, 200);
    });

    it('returns a mandatory message that no queue takes, before it confirms it', async () => {
      const channel = await bench.confirmChannel();
      const exchange = await bench.exchange(channel, 'direct');
      const events: unknown[] = [];
      channel.on('return', ({ fields, properties, content }) => {
        events.push({ ...fields, type: properties.type, text: content.toString() });
      });
      await new Promise<void>((resolve) => {
        channel.publish(exchange, 'nowhere', Buffer.from('back'), { mandatory: true, type: 'T' }, () => {
          events.push('confirmed');
          resolve();
        });
      });
      expect(events).toEqual([
        { replyCode: 312, replyText: 'NO_ROUTE', exchange, routingKey: 'nowhere', type: 'T', text: 'back' },
        'confirmed',
      ]);
    });

    it('confirms what no queue takes, and drops it, when it is not mandatory', async () => {
      const channel = await bench.confirmChannel();
      const exchange = await bench.exchange(channel, 'direct');
      channel.publish(exchange, 'nowhere', Buffer.from('gone'));
      // Rejects on a nack.
      expect(await channel.waitForConfirms()).toHaveLength(1);
    });

    it('passes every property and the types of all headers on', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      const headers = {
        text: 'ü',
        empty: '',
        yes: true,
        no: false,
        nothing: null,
        byte: 5,
        short: 300,
        int: 70_000,
        long: 2 ** 40,
        double: 1.5,
        list: [1, 'two', [true]],
        table: { inner: { deep: 'x' } },
        bytes: Buffer.from([0, 255]),
        time: { '!': 'timestamp', value: 1_700_000_000 },
      };
      const properties = {
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        deliveryMode: 2,
        priority: 3,
        correlationId: 'c',
        replyTo: 'r',
        expiration: '60000',
        messageId: 'm',
        timestamp: 1_700_000_000,
        type: 't',
        userId: 'guest',
        appId: 'a',
      };
      channel.sendToQueue(queue, Buffer.from('x'), { ...properties, headers });
      const message = await fetched(channel, queue);
      expect(message.properties).toMatchObject({ ...properties, headers });
    });

    it.each([0, 1, 4_000, 131_072, 1_000_000])('carries a body of %i bytes whole', async (bytes) => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      const body = Buffer.alloc(bytes, 'abc');
      channel.sendToQueue(queue, body);
      expect((await fetched(channel, queue)).content.equals(body)).toBe(true);
    });

    it('refuses an expiration that is no number of milliseconds: 406', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      const ended = endOf(channel);
      channel.sendToQueue(queue, Buffer.from('x'), { expiration: 'soon' });
      const { code, sentence } = await ended;
      expect(code).toBe(406);
      expect(sentence).toContain("PRECONDITION_FAILED - invalid expiration 'soon'");
    });

    it('refuses a user id that is not the one that has logged in: 406', async () => {
      const channel = await bench.channel();
      const ended = endOf(channel);
      channel.publish('', 'anywhere', Buffer.from('x'), { userId: 'somebody' });
      expect(await ended).toEqual({
        code: 406,
        sentence:
          "PRECONDITION_FAILED - user_id property set to 'somebody' but authenticated user was 'guest'",
      });
    });

    it('answers requests directly through the queue that is none', async () => {
      const [client, server] = [await bench.channel(), await bench.channel()];
      const queue = await bench.queue(server);
      await server.consume(queue, (request) => {
        if (request === null) return;
        const { replyTo, correlationId } = request.properties;
        server.sendToQueue(String(replyTo), Buffer.from(`re: ${request.content}`), { correlationId });
        server.ack(request);
      });
      const reply = await new Promise<{ text: string; correlationId: unknown }>((resolve) => {
        const take = (message: import('amqplib').ConsumeMessage | null) => {
          if (message === null) return;
          resolve({ text: message.content.toString(), correlationId: message.properties.correlationId });
        };
        void client.consume('amq.rabbitmq.reply-to', take, { noAck: true }).then(() => {
          const properties = { replyTo: 'amq.rabbitmq.reply-to', correlationId: '7' };
          client.sendToQueue(queue, Buffer.from('hello'), properties);
        });
      });
      expect(reply).toEqual({ text: 're: hello', correlationId: '7' });
    });

    it('refuses a direct reply that nobody waits for: 406', async () => {
      const channel = await bench.channel();
      const ended = endOf(channel);
      channel.publish('', 'anywhere', Buffer.from('x'), { replyTo: 'amq.rabbitmq.reply-to' });
      expect(await ended).toEqual({
        code: 406,
        sentence: 'PRECONDITION_FAILED - fast reply consumer does not exist',
      });
    });
  });
});
