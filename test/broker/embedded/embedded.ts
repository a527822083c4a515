import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { afterEach } from 'vitest';
import { type Broker, type BrokerOptions, startBroker } from '../../../src/broker/embedded/index.ts';
import { seededRandom } from '../../../src/lib/random.ts';

/** Brokers, connections and folders of a test; all of it is gone after it. */
export function embeddedBrokers() {
  const brokers: Broker[] = [];
  const connections: ChannelModel[] = [];
  const folders: string[] = [];
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close().catch(() => undefined)));
    await Promise.all(brokers.splice(0).map((broker) => broker.close()));
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  return {
    async start(options: Partial<BrokerOptions> = {}): Promise<Broker> {
      const broker = await startBroker({ port: 0, host: '127.0.0.1', random: seededRandom(7), ...options });
      brokers.push(broker);
      return broker;
    },
    async stop(broker: Broker): Promise<void> {
      brokers.splice(brokers.indexOf(broker), 1);
      await broker.close();
    },
    async connect(url: string): Promise<ChannelModel> {
      const connection = await connect(url, { noDelay: true });
      connection.on('error', () => undefined);
      connections.push(connection);
      return connection;
    },
    async channel(url: string): Promise<ConfirmChannel> {
      const channel = await (await this.connect(url)).createConfirmChannel();
      channel.on('error', () => undefined);
      return channel;
    },
    journalFile(): string {
      const folder = mkdtempSync(join(tmpdir(), 'shopctl-journal-'));
      folders.push(folder);
      return join(folder, 'broker.sqlite');
    },
  };
}

/** Resolves when the connection has ended, however. */
export function ended(connection: ChannelModel): Promise<void> {
  return new Promise((resolve) => {
    connection.on('close', () => resolve());
  });
}
