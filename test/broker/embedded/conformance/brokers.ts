import { connect as connectSocket } from 'node:net';
import { type Channel, type ChannelModel, type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { type Broker, startBroker } from '../../../../src/broker/embedded/index.ts';

const RABBITMQ_URL = 'amqp://guest:guest@127.0.0.1:5672';
const isRequired = process.env['REQUIRE_BACKENDS'] === '1';
const hasRabbit = isRequired || (await listens(5672));

/** One broker as these tests use it. Everything that is opened or named here is closed and deleted after each test. */
export interface Bench {
  readonly url: () => string;
  connection(): Promise<ChannelModel>;
  channel(): Promise<Channel>;
  confirmChannel(): Promise<ConfirmChannel>;
  /** A name that no other test uses. */
  name(): string;
  /** A new queue that goes with the test, or its name if it is to be declared otherwise. */
  queue(channel: Channel, options?: object): Promise<string>;
  exchange(channel: Channel, type: string, options?: object): Promise<string>;
}

/** The same tests against the embedded broker and, where it runs, RabbitMQ: what holds for one holds for both. */
export function forEachBroker(tests: (bench: Bench, kind: 'embedded' | 'rabbitmq') => void): void {
  describe('embedded broker', () => {
    let broker: Broker;
    beforeAll(async () => {
      broker = await startBroker({ port: 0, host: '127.0.0.1', random: Math.random });
    });
    afterAll(() => broker.close());
    tests(
      bench(() => broker.url),
      'embedded',
    );
  });
  describe.skipIf(!hasRabbit)('RabbitMQ', () => {
    tests(
      bench(() => RABBITMQ_URL),
      'rabbitmq',
    );
  });
}

function bench(url: () => string): Bench {
  const connections: ChannelModel[] = [];
  const queues: string[] = [];
  const exchanges: string[] = [];
  afterEach(async () => {
    const sweeper = await connect(url());
    const channel = await sweeper.createChannel();
    await Promise.all(connections.splice(0).map((connection) => connection.close().catch(() => undefined)));
    for (const queue of queues.splice(0)) await channel.deleteQueue(queue);
    for (const exchange of exchanges.splice(0)) await channel.deleteExchange(exchange);
    await sweeper.close();
  });
  const name = () => `shopctl-conformance-${crypto.randomUUID()}`;
  const connection: Bench['connection'] = async () => {
    const opened = await connect(url(), { noDelay: true });
    opened.on('error', () => undefined);
    connections.push(opened);
    return opened;
  };
  return {
    url,
    name,
    connection,
    channel: async () => quiet(await (await connection()).createChannel()),
    confirmChannel: async () => quiet(await (await connection()).createConfirmChannel()),
    queue: async (channel, options = {}) => {
      const { queue } = await channel.assertQueue(name(), { durable: false, ...options });
      queues.push(queue);
      return queue;
    },
    exchange: async (channel, type, options = {}) => {
      const { exchange } = await channel.assertExchange(name(), type, { durable: false, ...options });
      exchanges.push(exchange);
      return exchange;
    },
  };
}

/** Without a listener amqplib throws what a test provokes on purpose. */
export function quiet<C extends Channel>(channel: C): C {
  channel.on('error', () => undefined);
  return channel;
}

/** How a channel or a connection ended: the reply code and the sentence of the server. */
export interface Ending {
  readonly code: unknown;
  readonly sentence: string;
}

/** Resolves when it ends with an error. */
export function endOf(ended: Channel | ChannelModel): Promise<Ending> {
  return new Promise((resolve) => {
    ended.on('error', (error: Error) => resolve(endingOf(error)));
  });
}

/** What an operation is refused with. */
export async function refusalOf(operation: Promise<unknown>): Promise<Ending> {
  try {
    await operation;
  } catch (error) {
    if (error instanceof Error) return endingOf(error);
  }
  throw new Error('it was not refused');
}

function endingOf(error: Error): Ending {
  const code = 'code' in error ? error.code : undefined;
  return { code, sentence: /with message "(.*)"$/.exec(error.message)?.[1] ?? error.message };
}

/** Fetches until there is a message. */
export async function fetched(channel: Channel, queue: string): Promise<GetMessage> {
  for (;;) {
    const message = await channel.get(queue, { noAck: true });
    if (message !== false) return message;
  }
}

/** The texts of everything that waits in a queue, once it is as many. */
export async function textsIn(channel: Channel, queue: string, count: number): Promise<readonly string[]> {
  const texts: string[] = [];
  while (texts.length < count) texts.push((await fetched(channel, queue)).content.toString());
  return texts;
}

/** Resolves once a queue holds so many messages that wait. */
export async function holds(channel: Channel, queue: string, count: number): Promise<void> {
  while ((await channel.checkQueue(queue)).messageCount !== count);
}

export function publish(channel: Channel, queue: string, ...texts: readonly string[]): void {
  for (const text of texts) channel.sendToQueue(queue, Buffer.from(text));
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
