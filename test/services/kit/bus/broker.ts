import { randomUUID } from 'node:crypto';
import { type Channel, type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { onTestFinished, vi } from 'vitest';
import { retryLadder } from '../../../../services/kit/bus/retry.ts';
import type { BusSettings } from '../../../../services/kit/bus/settings.ts';
import {
  createTopology,
  type EventType,
  queueNames,
  type Topology,
} from '../../../../services/kit/bus/topology.ts';
import { brokerUrl } from './broker-url.ts';

/** The broker as a test sees it: names of its own, a look into queues, and messages of any kind. */
export interface Broker {
  settings: BusSettings;
  topology: Topology;
  /** Takes the next message out of the queue, waiting until there is one. */
  take(queue: string): Promise<GetMessage>;
  depth(queue: string): Promise<number>;
  send(queue: string, content: string): Promise<void>;
  deleteQueue(queue: string): Promise<void>;
}

/** For conditions on a busy machine. */
export const patience = { timeout: 20_000, interval: 20 };

/** Everything with the test's names is deleted when the test is over. */
export async function openBroker(overrides: Partial<BusSettings> = {}): Promise<Broker> {
  const settings: BusSettings = {
    url: brokerUrl,
    prefix: `test-${randomUUID().slice(0, 8)}.`,
    keys: 'plain',
    renamed: {},
    consumers: [],
    retryDelaysMs: [1, 2, 4],
    outboxLimit: 1_000,
    ...overrides,
  };
  const topology = createTopology(settings);
  const model = await connect(settings.url, { noDelay: true });
  // A question about a queue that is not there closes the channel, so each has its own.
  const onChannel = async <T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> => {
    const channel = await model.createConfirmChannel();
    channel.on('error', () => undefined);
    try {
      return await work(channel);
    } finally {
      await channel.close().catch(() => undefined);
    }
  };
  onTestFinished(async () => {
    await onChannel((channel) => deleteEverything(channel, settings));
    await model.close();
  });
  return {
    settings,
    topology,
    take: (queue) =>
      vi.waitFor(
        () =>
          onChannel(async (channel) => {
            const message = await channel.get(queue, { noAck: true });
            if (message === false) throw new Error(`nothing in ${queue}`);
            return message;
          }),
        patience,
      ),
    depth: (queue) => onChannel(async (channel) => (await channel.checkQueue(queue)).messageCount),
    send: async (queue, content) => {
      // A service declares its queues when it has connected; to one that is not there yet the message would be lost.
      await vi.waitFor(() => onChannel((channel) => channel.checkQueue(queue)), patience);
      await onChannel(async (channel) => {
        channel.sendToQueue(queue, Buffer.from(content));
        await channel.waitForConfirms();
      });
    },
    deleteQueue: (queue) =>
      onChannel(async (channel) => {
        await channel.deleteQueue(queue);
      }),
  };
}

/** Deletes every queue and exchange that services with these settings declare. */
export async function deleteEverything(channel: Channel, settings: BusSettings): Promise<void> {
  const topology = createTopology(settings);
  for (const queue of queueNames.map(topology.queue)) {
    const retries = retryLadder(queue, settings.retryDelaysMs).map(({ name }) => name);
    for (const name of [queue.name, queue.dead, ...retries]) await channel.deleteQueue(name);
  }
  for (const exchange of [...topology.exchanges, topology.deadLetters])
    await channel.deleteExchange(exchange);
}

/** An envelope as another program would write it. */
export function envelopeText(type: EventType, id: string = randomUUID(), data: unknown = {}): string {
  return JSON.stringify({
    specversion: '1.0',
    id,
    type,
    source: '/elsewhere',
    time: '2026-01-02T03:04:05.000Z',
    subject: '42',
    datacontenttype: 'application/json',
    data,
  });
}
