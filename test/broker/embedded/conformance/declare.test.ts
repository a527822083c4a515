import { describe, expect, it } from 'vitest';
import { endOf, forEachBroker, holds, publish, quiet, refusalOf } from './brokers.ts';

forEachBroker((bench) => {
  describe('declaring', () => {
    it('answers a passive declare with the counts of the queue, and 404 when there is none', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      publish(channel, queue, 'a', 'b');
      await holds(channel, queue, 2);
      expect(await channel.checkQueue(queue)).toEqual({ queue, messageCount: 2, consumerCount: 0 });
      const missing = bench.name();
      expect(await refusalOf(channel.checkQueue(missing))).toEqual({
        code: 404,
        sentence: `NOT_FOUND - no queue '${missing}' in vhost '/'`,
      });
    });

    it('answers a passive declare of an exchange, and 404 when there is none', async () => {
      const channel = await bench.channel();
      await channel.checkExchange(await bench.exchange(channel, 'topic'));
      const missing = bench.name();
      expect(await refusalOf(channel.checkExchange(missing))).toEqual({
        code: 404,
        sentence: `NOT_FOUND - no exchange '${missing}' in vhost '/'`,
      });
    });

    it('takes the same queue again', async () => {
      const channel = await bench.channel();
      const options = { arguments: { 'x-message-ttl': 60_000, 'x-max-length': 10 } };
      const queue = await bench.queue(channel, options);
      await expect(channel.assertQueue(queue, { durable: false, ...options })).resolves.toMatchObject({
        queue,
      });
    });

    it.each([
      [
        'durable',
        { durable: true },
        "inequivalent arg 'durable' for queue 'Q' in vhost '/': received 'true' but current is 'false'",
      ],
      [
        'auto_delete',
        { durable: false, autoDelete: true },
        "inequivalent arg 'auto_delete' for queue 'Q' in vhost '/': received 'true' but current is 'false'",
      ],
      [
        'x-message-ttl',
        { durable: false, messageTtl: 1_000 },
        "inequivalent arg 'x-message-ttl' for queue 'Q' in vhost '/': received the value '1000' but current is none",
      ],
      [
        'x-dead-letter-exchange',
        { durable: false, deadLetterExchange: 'dlx' },
        "inequivalent arg 'x-dead-letter-exchange' for queue 'Q' in vhost '/': received the value 'dlx' but current is none",
      ],
    ])('refuses the same queue with another %s: 406', async (_, options, sentence) => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      const refusal = await refusalOf(channel.assertQueue(queue, options));
      expect(refusal.code).toBe(406);
      // RabbitMQ also names the type that an argument has on the wire.
      expect(refusal.sentence.replace(/ of type '\w+'/, '')).toBe(
        `PRECONDITION_FAILED - ${sentence.replace('Q', queue)}`,
      );
    });

    it.each([
      ['type', 'fanout', { durable: false }, "received 'fanout' but current is 'topic'"],
      ['durable', 'topic', { durable: true }, "received 'true' but current is 'false'"],
      [
        'auto_delete',
        'topic',
        { durable: false, autoDelete: true },
        "received 'true' but current is 'false'",
      ],
      ['internal', 'topic', { durable: false, internal: true }, "received 'true' but current is 'false'"],
    ])('refuses the same exchange with another %s: 406', async (arg, type, options, sentence) => {
      const channel = await bench.channel();
      const exchange = await bench.exchange(channel, 'topic');
      expect(await refusalOf(channel.assertExchange(exchange, type, options))).toEqual({
        code: 406,
        sentence: `PRECONDITION_FAILED - inequivalent arg '${arg}' for exchange '${exchange}' in vhost '/': ${sentence}`,
      });
    });

    it('closes the connection for an exchange type that it does not know: 503', async () => {
      const connection = await bench.connection();
      const channel = quiet(await connection.createChannel());
      const ended = endOf(connection);
      channel.assertExchange(bench.name(), 'nonsense').catch(() => undefined);
      expect(await ended).toEqual({
        code: 503,
        sentence: "COMMAND_INVALID - unknown exchange type 'nonsense'",
      });
    });

    it.each([
      ['a queue', (channel, name) => channel.assertQueue(name)],
      ['an exchange', (channel, name) => channel.assertExchange(name, 'direct')],
    ] as readonly [string, (channel: import('amqplib').Channel, name: string) => Promise<unknown>][])(
      'keeps names that begin with amq. for itself: %s is refused with 403',
      async (_, declare) => {
        const refusal = await refusalOf(declare(await bench.channel(), 'amq.mine'));
        expect(refusal.code).toBe(403);
        expect(refusal.sentence).toMatch(
          /ACCESS_REFUSED - .* name 'amq.mine' contains reserved prefix 'amq.\*'/,
        );
      },
    );

    it('refuses to change the default exchange: 403', async () => {
      const setup = await bench.channel();
      const queue = await bench.queue(setup);
      const sentence = 'ACCESS_REFUSED - operation not permitted on the default exchange';
      expect(await refusalOf((await bench.channel()).bindQueue(queue, '', 'key'))).toEqual({
        code: 403,
        sentence,
      });
      expect(await refusalOf((await bench.channel()).deleteExchange(''))).toEqual({ code: 403, sentence });
    });

    it.each([
      { 'x-message-ttl': 'soon' },
      { 'x-message-ttl': -1 },
      { 'x-expires': 0 },
      { 'x-max-length': -1 },
      { 'x-max-priority': 300 },
      { 'x-overflow': 'explode' },
      { 'x-dead-letter-routing-key': 'without an exchange' },
    ])('refuses queue arguments that cannot be meant: %o', async (args) => {
      const refusal = await refusalOf((await bench.channel()).assertQueue(bench.name(), { arguments: args }));
      expect(refusal.code).toBe(406);
      expect(refusal.sentence).toContain('PRECONDITION_FAILED - invalid arg');
      expect(refusal.sentence).toContain(Object.keys(args)[0]);
    });

    it('names a queue itself when it is given no name', async () => {
      const channel = await bench.channel();
      const { queue } = await channel.assertQueue('', { exclusive: true });
      expect(queue).toMatch(/^amq\.gen-/);
      expect((await channel.assertQueue('', { exclusive: true })).queue).not.toBe(queue);
    });

    it('keeps an exclusive queue to its connection: others get 405, and it goes with it', async () => {
      const owner = await bench.connection();
      const queue = bench.name();
      await (await owner.createChannel()).assertQueue(queue, { exclusive: true });
      const locked = {
        code: 405,
        sentence: expect.stringContaining(
          `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${queue}'`,
        ),
      };
      expect(await refusalOf((await bench.channel()).checkQueue(queue))).toEqual(locked);
      expect(await refusalOf((await bench.channel()).assertQueue(queue, { exclusive: true }))).toEqual(
        locked,
      );
      expect(await refusalOf((await bench.channel()).consume(queue, () => undefined))).toEqual(locked);
      expect(await refusalOf((await bench.channel()).purgeQueue(queue))).toEqual(locked);
      await owner.close();
      expect((await refusalOf((await bench.channel()).checkQueue(queue))).code).toBe(404);
    });

    it('deletes an auto-delete queue with its last consumer, not before its first', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel, { autoDelete: true });
      expect((await channel.checkQueue(queue)).consumerCount).toBe(0);
      const { consumerTag } = await channel.consume(queue, () => undefined);
      await channel.cancel(consumerTag);
      expect((await refusalOf(channel.checkQueue(queue))).code).toBe(404);
    });

    it('deletes an auto-delete exchange with its last binding', async () => {
      const channel = await bench.channel();
      const exchange = await bench.exchange(channel, 'fanout', { autoDelete: true });
      const queue = await bench.queue(channel);
      await channel.bindQueue(queue, exchange, '');
      await channel.unbindQueue(queue, exchange, '');
      expect((await refusalOf(channel.checkExchange(exchange))).code).toBe(404);
    });

    it('deletes only unused or empty queues when asked to: 406', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      publish(channel, queue, 'a');
      await holds(channel, queue, 1);
      expect(await refusalOf((await bench.channel()).deleteQueue(queue, { ifEmpty: true }))).toMatchObject({
        code: 406,
        sentence: expect.stringMatching(/queue '.*' in vhost '\/' (is )?not empty/),
      });
      await channel.consume(queue, () => undefined);
      expect(await refusalOf((await bench.channel()).deleteQueue(queue, { ifUnused: true }))).toMatchObject({
        code: 406,
        sentence: `PRECONDITION_FAILED - queue '${queue}' in vhost '/' in use`,
      });
    });

    it('deletes an exchange that is in use only when not asked to spare it: 406', async () => {
      const channel = await bench.channel();
      const exchange = await bench.exchange(channel, 'fanout');
      await channel.bindQueue(await bench.queue(channel), exchange, '');
      expect(await refusalOf((await bench.channel()).deleteExchange(exchange, { ifUnused: true }))).toEqual({
        code: 406,
        sentence: `PRECONDITION_FAILED - exchange '${exchange}' in vhost '/' in use`,
      });
      await channel.deleteExchange(exchange);
      expect((await refusalOf(channel.checkExchange(exchange))).code).toBe(404);
    });

    it('takes the deletion of what is not there as done', async () => {
      const channel = await bench.channel();
      expect(await channel.deleteQueue(bench.name())).toEqual({ messageCount: 0 });
      await channel.deleteExchange(bench.name());
    });

    it('says how many messages a purge and a deletion took along', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      publish(channel, queue, 'a', 'b', 'c');
      await holds(channel, queue, 3);
      expect(await channel.purgeQueue(queue)).toEqual({ messageCount: 3 });
      publish(channel, queue, 'd');
      await holds(channel, queue, 1);
      expect(await channel.deleteQueue(queue)).toEqual({ messageCount: 1 });
    });

    it('deletes a queue that nobody has used for x-expires', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel, { expires: 200 });
      // Looks so seldom that the queue goes unused in between: a look is a use.
      const look = async () => {
        const looking = await bench.channel();
        return looking.checkQueue(queue).then(
          () => 'there',
          () => 'gone',
        );
      };
      await expect.poll(look, { timeout: 25_000, interval: 2_000 }).toBe('gone');
    });
  });
});
