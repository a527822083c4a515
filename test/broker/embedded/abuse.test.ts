import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentHeader, frame, GREETING, onChannel, rawClient } from './conformance/raw-client.ts';
import { embeddedBrokers } from './embedded.ts';

const embedded = embeddedBrokers();

/** Publishes and fetches on a connection of its own: the broker is well. */
async function expectWell(url: string): Promise<void> {
  const channel = await embedded.channel(url);
  const { queue } = await channel.assertQueue('', { exclusive: true });
  channel.sendToQueue(queue, Buffer.from('well'));
  await channel.waitForConfirms();
  const message = await channel.get(queue, { noAck: true });
  expect(message === false ? 'nothing' : message.content.toString()).toBe('well');
}

describe('whatever a client sends', () => {
  it('bytes instead of a greeting do no harm', async () => {
    const broker = await embedded.start();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 8, maxLength: 300 }), async (bytes) => {
        const client = await rawClient(broker.url);
        client.write(Buffer.from(bytes));
        expect(['AMQP', 'ConnectionStart', 'closed']).toContain((await client.next()).method);
        client.destroy();
      }),
      { seed: 1, numRuns: 30 },
    );
    await expectWell(broker.url);
  });

  it('frames of any type with any payload end the connection at worst', async () => {
    const broker = await embedded.start();
    const payload = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      // Methods of every class with any arguments.
      fc
        .tuple(
          fc.constantFrom(10, 20, 40, 50, 60, 85, 90),
          fc.constantFrom(10, 11, 20, 21, 30, 31, 40, 41, 50, 51, 60, 70, 80, 90, 100, 110, 120),
          fc.uint8Array({ maxLength: 80 }),
        )
        .map(([classId, methodId, rest]) => Uint8Array.from([0, classId, 0, methodId, ...rest])),
    );
    const frames = fc.array(
      fc.tuple(fc.constantFrom(1, 1, 1, 2, 3, 8, 9), fc.constantFrom(0, 1, 1, 2), payload),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    await fc.assert(
      fc.asyncProperty(frames, async (all) => {
        const client = await onChannel(broker.url);
        for (const [type, channel, bytes] of all) client.write(frame(type, channel, Buffer.from(bytes)));
        client.destroy();
      }),
      { seed: 2, numRuns: 150 },
    );
    await expectWell(broker.url);
  });

  it('a content header with any properties closes the connection or is passed on', async () => {
    const broker = await embedded.start();
    const channel = await embedded.channel(broker.url);
    await channel.assertQueue('abused');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 2, maxLength: 120 }), async (properties) => {
        const client = await onChannel(broker.url);
        client.send('ConfirmSelect', 1);
        await client.nextOf('ConfirmSelectOk');
        client.send('BasicPublish', 1, { routingKey: 'abused' });
        const header = Buffer.concat([contentHeader(0).subarray(0, 12), Buffer.from(properties)]);
        client.write(frame(2, 1, header));
        expect(['BasicAck', 'ChannelClose', 'ConnectionClose']).toContain((await client.next()).method);
        client.destroy();
      }),
      { seed: 3, numRuns: 100 },
    );
    await expectWell(broker.url);
  });

  it('half a greeting, half a frame and silence are waited for, and cost nothing but the connection', async () => {
    const broker = await embedded.start();
    const silent = await rawClient(broker.url);
    const slow = await rawClient(broker.url);
    slow.write(GREETING.subarray(0, 5));
    slow.write(GREETING.subarray(5));
    expect((await slow.next()).method).toBe('ConnectionStart');
    const half = await onChannel(broker.url);
    half.write(frame(1, 1, Buffer.alloc(20)).subarray(0, 10));
    await expectWell(broker.url);
    for (const client of [silent, slow, half]) client.destroy();
    await expect.poll(() => broker.stats().connections, { timeout: 20_000 }).toBe(1);
  });
});
