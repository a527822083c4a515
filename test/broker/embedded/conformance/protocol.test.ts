import { afterEach, describe, expect, it } from 'vitest';
import { forEachBroker } from './brokers.ts';
import { contentHeader, frame, GREETING, login, onChannel, type RawClient, rawClient } from './raw-client.ts';

// What no client library does: frames that are wrong, or come when they must not.
forEachBroker((bench, kind) => {
  const clients: RawClient[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });
  const kept = (client: RawClient) => {
    clients.push(client);
    return client;
  };
  const open = async () => kept(await onChannel(bench.url()));

  describe('the protocol', () => {
    it('answers another protocol with its own header and hangs up', async () => {
      const client = kept(await rawClient(bench.url()));
      client.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
      expect((await client.next()).fields['header']).toEqual(GREETING);
      expect((await client.next()).method).toBe('closed');
    });

    it('refuses a wrong password: 403', async () => {
      const client = kept(await login(bench.url(), { password: 'wrong' }));
      expect((await client.nextOf('ConnectionClose')).fields).toMatchObject({
        replyCode: 403,
        replyText: expect.stringContaining(
          'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN',
        ),
      });
    });

    it('has no other virtual host: 530', async () => {
      const client = kept(await login(bench.url(), { vhost: 'elsewhere' }));
      expect((await client.nextOf('ConnectionClose')).fields).toMatchObject({
        replyCode: 530,
        replyText: expect.stringMatching(/^NOT_ALLOWED - vhost '?elsewhere'? not found/),
      });
    });

    it.each([
      ['a frame size below the minimum', 100],
      ['a frame size above its own', 1_000_000],
    ])('does not agree to %s', async (_, frameMax) => {
      const client = kept(await login(bench.url(), { frameMax }));
      const end = await client.next();
      // RabbitMQ hangs up without a word.
      if (kind === 'embedded')
        expect(end).toMatchObject({ method: 'ConnectionClose', fields: { replyCode: 530 } });
      else expect(end.method).toBe('closed');
    });

    it('closes the connection for a method on a channel that is not open: 504', async () => {
      const client = await open();
      client.send('BasicQos', 7, { prefetchCount: 1 });
      expect((await client.nextOf('ConnectionClose')).fields).toMatchObject({ replyCode: 504 });
    });

    it('closes the connection for opening a channel twice: 504', async () => {
      const client = await open();
      client.send('ChannelOpen', 1);
      expect((await client.nextOf('ConnectionClose')).fields).toMatchObject({ replyCode: 504 });
    });

    it.each([
      ['immediate', 'BasicPublish', { routingKey: 'k', immediate: true }, 'NOT_IMPLEMENTED - immediate=true'],
      [
        'a prefetch in bytes',
        'BasicQos',
        { prefetchSize: 10, prefetchCount: 1 },
        'NOT_IMPLEMENTED - prefetch_size!=0 (10)',
      ],
    ])('closes the connection for %s, which is not implemented: 540', async (_, method, fields, sentence) => {
      const client = await open();
      client.send(method, 1, fields);
      if (method === 'BasicPublish') client.write(frame(2, 1, contentHeader(0)));
      expect((await client.nextOf('ConnectionClose')).fields).toMatchObject({
        replyCode: 540,
        replyText: sentence,
      });
    });

    it.each([
      ['content that nothing announced', (client: RawClient) => client.write(frame(2, 1, contentHeader(1)))],
      [
        'a method in the middle of a message',
        (client: RawClient) => {
          client.send('BasicPublish', 1, { routingKey: 'k' });
          client.send('BasicQos', 1, { prefetchCount: 1 });
        },
      ],
    ])('closes the connection for %s: 505', async (_, misbehave) => {
      const client = await open();
      misbehave(client);
      expect((await client.nextOf('ConnectionClose')).fields).toMatchObject({ replyCode: 505 });
    });

    it.each([
      ['a frame that does not end where it says', frame(1, 1, Buffer.alloc(4), 0)],
      ['a frame beyond the size agreed upon', frame(1, 1, Buffer.alloc(200_000))],
    ])('closes the connection for %s: 501', async (_, bytes) => {
      const client = await open();
      client.write(bytes);
      expect((await client.nextOf('ConnectionClose')).fields).toMatchObject({ replyCode: 501 });
    });

    it('says which method a channel was closed for, and lets the client use its number again', async () => {
      const client = await open();
      client.send('QueueDeclare', 1, { queue: bench.name(), passive: true });
      const { fields } = await client.nextOf('ChannelClose');
      expect(fields).toMatchObject({ replyCode: 404, classId: 50, methodId: 10 });
      client.send('QueueDeclare', 1, { queue: 'ignored meanwhile' });
      client.send('ChannelCloseOk', 1);
      client.send('ChannelOpen', 1);
      expect((await client.next()).method).toBe('ChannelOpenOk');
    });

    it('cuts a sentence to what a reply can hold, in bytes', async () => {
      const client = await open();
      client.send('QueueDeclare', 1, { queue: 'ü'.repeat(120), passive: true });
      const text = String((await client.nextOf('ChannelClose')).fields['replyText']);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(255);
      expect(text).toContain('NOT_FOUND - no queue');
    });

    it('takes an empty queue name for the queue that was declared last', async () => {
      const client = await open();
      client.send('QueueDeclare', 1, { queue: '', exclusive: true });
      const { fields } = await client.nextOf('QueueDeclareOk');
      client.send('QueueBind', 1, { queue: '', exchange: 'amq.direct', routingKey: '' });
      expect((await client.next()).method).toBe('QueueBindOk');
      await publishTo(client, 'amq.direct', String(fields['queue']));
      client.send('QueuePurge', 1, { queue: '' });
      expect((await client.nextOf('QueuePurgeOk')).fields).toEqual({ messageCount: 1 });
    });

    it('has no queue for an empty name before one was declared: 404', async () => {
      const client = await open();
      client.send('QueuePurge', 1, { queue: '' });
      expect((await client.nextOf('ChannelClose')).fields).toMatchObject({ replyCode: 404 });
    });

    it('answers nothing where no answer is wanted', async () => {
      const client = await open();
      const queue = bench.name();
      client.send('QueueDeclare', 1, { queue, exclusive: true, nowait: true });
      client.send('BasicQos', 1, { prefetchCount: 1 });
      expect((await client.next()).method).toBe('BasicQosOk');
    });

    it('sends heartbeats as often as agreed', async () => {
      const client = kept(await onChannel(bench.url(), { heartbeat: 1 }));
      const beats = setInterval(() => client.write(frame(8, 0, Buffer.alloc(0))), 300);
      await expect.poll(() => client.heartbeats, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
      clearInterval(beats);
    });

    it('hangs up on a client that has gone silent', async () => {
      const client = kept(await onChannel(bench.url(), { heartbeat: 1 }));
      expect((await client.nextOf('closed')).method).toBe('closed');
    });

    it('answers the end of a connection before it hangs up', async () => {
      const client = await open();
      client.send('ConnectionClose', 0, { replyCode: 200, replyText: 'bye', classId: 0, methodId: 0 });
      expect((await client.next()).method).toBe('ConnectionCloseOk');
    });

    it('says goodbye to consumers of a deleted queue only after the deletion is answered', async () => {
      const queue = bench.name();
      const notified = kept(await onChannel(bench.url(), { capabilities: { consumer_cancel_notify: true } }));
      notified.send('QueueDeclare', 1, { queue, exclusive: true });
      notified.send('BasicConsume', 1, { queue, consumerTag: 'tag' });
      await notified.nextOf('BasicConsumeOk');
      notified.send('QueueDelete', 1, { queue });
      expect((await notified.next()).method).toBe('QueueDeleteOk');
      expect(await notified.next()).toMatchObject({ method: 'BasicCancel', fields: { consumerTag: 'tag' } });
    });
  });
});

/** Publishes one empty message and waits until the server has taken it. */
async function publishTo(client: RawClient, exchange: string, routingKey: string): Promise<void> {
  client.send('ConfirmSelect', 1);
  await client.nextOf('ConfirmSelectOk');
  client.send('BasicPublish', 1, { exchange, routingKey });
  client.write(frame(2, 1, contentHeader(0)));
  await client.nextOf('BasicAck');
}
