import type { Channel } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { type Bench, endOf, fetched, forEachBroker, refusalOf, textsIn } from './brokers.ts';

forEachBroker((bench) => {
  describe('routing', () => {
    it.each([
      ['direct', 'a.b', ['a.b']],
      ['fanout', 'a.b', ['a.b', 'a.c', 'x', '']],
    ])('a %s exchange bound with %s takes %j', async (type, pattern, taken) => {
      expect(await keysThatPass(bench, type, pattern, ['a.b', 'a.c', 'x', ''])).toEqual(taken);
    });

    it.each([
      ['orders.*', ['orders.paid', 'orders.']],
      ['orders.#', ['orders', 'orders.paid', 'orders.paid.late', 'orders.']],
      ['#', ['orders', 'orders.paid', 'orders.paid.late', 'orders.', '', 'paid', 'x.orders.paid']],
      ['*', ['orders', 'paid']],
      ['#.paid', ['orders.paid', 'paid', 'x.orders.paid']],
      ['#.paid.#', ['orders.paid', 'orders.paid.late', 'paid', 'x.orders.paid']],
      ['*.paid', ['orders.paid']],
      ['*.*', ['orders.paid', 'orders.']],
      ['#.*', ['orders', 'orders.paid', 'orders.paid.late', 'orders.', 'paid', 'x.orders.paid']],
      ['orders.paid', ['orders.paid']],
      ['', ['']],
    ])('a topic exchange bound with %s takes %j', async (pattern, taken) => {
      const keys = ['orders', 'orders.paid', 'orders.paid.late', 'orders.', '', 'paid', 'x.orders.paid'];
      expect(await keysThatPass(bench, 'topic', pattern, keys)).toEqual(taken);
    });

    it.each([
      ['all of them', { 'x-match': 'all', kind: 'order', paid: true }, ['both', 'more']],
      ['any of them', { 'x-match': 'any', kind: 'order', paid: true }, ['both', 'one', 'more']],
      ['all of them when nothing is said', { kind: 'order', paid: true }, ['both', 'more']],
      ['numbers too', { count: 3 }, ['counted']],
      ['nothing at all', {}, ['both', 'one', 'more', 'counted', 'none']],
    ])('a headers exchange asks for %s', async (_, args, taken) => {
      const channel = await bench.channel();
      const exchange = await bench.exchange(channel, 'headers');
      const queue = await bench.queue(channel);
      await channel.bindQueue(queue, exchange, '', args);
      const sent = {
        both: { kind: 'order', paid: true },
        one: { kind: 'order' },
        more: { kind: 'order', paid: true, late: 1 },
        counted: { count: 3 },
        none: {},
      };
      for (const [text, headers] of Object.entries(sent)) {
        channel.publish(exchange, '', Buffer.from(text), { headers });
      }
      expect(await arrived(channel, queue)).toEqual(taken);
    });

    it('delivers one copy to a queue, however many of its bindings match', async () => {
      const channel = await bench.channel();
      const exchange = await bench.exchange(channel, 'topic');
      const queue = await bench.queue(channel);
      for (const pattern of ['a.*', '#', 'a.b']) await channel.bindQueue(queue, exchange, pattern);
      channel.publish(exchange, 'a.b', Buffer.from('once'));
      expect(await arrived(channel, queue)).toEqual(['once']);
    });

    it('takes the same binding twice as one, and an unbinding of what is not bound as done', async () => {
      const channel = await bench.channel();
      const exchange = await bench.exchange(channel, 'headers');
      const queue = await bench.queue(channel);
      await channel.bindQueue(queue, exchange, 'k', { a: 1, b: 'x' });
      await channel.bindQueue(queue, exchange, 'k', { b: 'x', a: 1 });
      await channel.unbindQueue(queue, exchange, 'k', { a: 1, b: 'x' });
      await channel.unbindQueue(queue, exchange, 'never bound');
      channel.publish(exchange, 'k', Buffer.from('lost'), { headers: { a: 1, b: 'x' } });
      expect(await arrived(channel, queue)).toEqual([]);
    });

    it('reaches every queue by its name through the default exchange', async () => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      channel.publish('', queue, Buffer.from('direct'));
      expect(await arrived(channel, queue)).toEqual(['direct']);
    });

    it.each(['amq.direct', 'amq.fanout', 'amq.topic', 'amq.headers', 'amq.match'])('has %s', async (name) => {
      const channel = await bench.channel();
      const queue = await bench.queue(channel);
      const key = bench.name();
      await channel.bindQueue(queue, name, key, { key });
      channel.publish(name, key, Buffer.from('x'), { headers: { key } });
      expect(await arrived(channel, queue)).toContain('x');
    });

    it('follows bindings from exchange to exchange, in circles once', async () => {
      const channel = await bench.channel();
      const first = await bench.exchange(channel, 'topic');
      const second = await bench.exchange(channel, 'fanout');
      const queue = await bench.queue(channel);
      await channel.bindExchange(second, first, 'a.#');
      await channel.bindExchange(first, second, '');
      await channel.bindQueue(queue, second, '');
      channel.publish(first, 'a.b', Buffer.from('through'));
      channel.publish(first, 'b', Buffer.from('not'));
      expect(await arrived(channel, queue)).toEqual(['through']);
      await channel.unbindExchange(second, first, 'a.#');
      channel.publish(first, 'a.b', Buffer.from('no more'));
      expect(await arrived(channel, queue)).toEqual([]);
    });

    it('sends what no binding takes to the alternate exchange', async () => {
      const channel = await bench.channel();
      const alternate = await bench.exchange(channel, 'fanout');
      const exchange = await bench.exchange(channel, 'direct', { alternateExchange: alternate });
      const [taken, left] = [await bench.queue(channel), await bench.queue(channel)];
      await channel.bindQueue(taken, exchange, 'known');
      await channel.bindQueue(left, alternate, '');
      channel.publish(exchange, 'known', Buffer.from('a'));
      channel.publish(exchange, 'unknown', Buffer.from('b'));
      expect(await arrived(channel, taken)).toEqual(['a']);
      expect(await arrived(channel, left)).toEqual(['b']);
    });

    it('routes to the keys in CC and BCC as well, and shows consumers only CC', async () => {
      const channel = await bench.channel();
      const queues = [await bench.queue(channel), await bench.queue(channel), await bench.queue(channel)];
      const [to = '', copy = '', blind = ''] = queues;
      channel.sendToQueue(to, Buffer.from('x'), { CC: [copy], BCC: [blind] });
      for (const queue of queues) {
        const message = await fetched(channel, queue);
        expect(message.properties.headers).toEqual({ CC: [copy] });
        expect(message.fields.routingKey).toBe(to);
      }
    });

    it('refuses what is published to an exchange that is not there or is internal', async () => {
      const missing = bench.name();
      const first = await bench.channel();
      const firstEnd = endOf(first);
      first.publish(missing, 'k', Buffer.from('x'));
      expect(await firstEnd).toEqual({
        code: 404,
        sentence: `NOT_FOUND - no exchange '${missing}' in vhost '/'`,
      });
      const second = await bench.channel();
      const internal = await bench.exchange(second, 'fanout', { internal: true });
      const secondEnd = endOf(second);
      second.publish(internal, 'k', Buffer.from('x'));
      expect(await secondEnd).toEqual({
        code: 403,
        sentence: `ACCESS_REFUSED - cannot publish to internal exchange '${internal}' in vhost '/'`,
      });
    });

    it.each(['queue', 'exchange'])('refuses a binding whose %s is not there: 404', async (missing) => {
      const channel = await bench.channel();
      const queue = missing === 'queue' ? bench.name() : await bench.queue(channel);
      const exchange = missing === 'exchange' ? bench.name() : await bench.exchange(channel, 'topic');
      const name = missing === 'queue' ? queue : exchange;
      expect(await refusalOf(channel.bindQueue(queue, exchange, 'k'))).toEqual({
        code: 404,
        sentence: `NOT_FOUND - no ${missing} '${name}' in vhost '/'`,
      });
    });
  });
});

/** Which of the keys, each published as its own text, reach a queue bound with the pattern. */
async function keysThatPass(bench: Bench, type: string, pattern: string, keys: readonly string[]) {
  const channel = await bench.channel();
  const exchange = await bench.exchange(channel, type);
  const queue = await bench.queue(channel);
  await channel.bindQueue(queue, exchange, pattern);
  for (const key of keys) channel.publish(exchange, key, Buffer.from(key));
  return arrived(channel, queue);
}

/** What has been routed to a queue. A message sent behind all others on the same channel tells that they have been. */
async function arrived(channel: Channel, queue: string): Promise<readonly string[]> {
  channel.sendToQueue(queue, Buffer.from('the end'));
  const texts: string[] = [];
  for (;;) {
    const [text = ''] = await textsIn(channel, queue, 1);
    if (text === 'the end') return texts;
    texts.push(text);
  }
}
