import { type ConsumeMessage, connect } from 'amqplib';
import { onTestFinished } from 'vitest';
import type { Broker } from '../kit/bus/broker.ts';
import { brokerUrl } from '../kit/bus/broker-url.ts';

/** Everything that is published on a test's exchanges, whoever it is for. */
export interface Tap {
  /** In the order in which it arrived. */
  heard: ConsumeMessage[];
}

/** Begins to listen: what is published after this resolves is heard. */
export async function startTap({ topology }: Broker): Promise<Tap> {
  const model = await connect(brokerUrl, { noDelay: true });
  onTestFinished(() => model.close());
  const channel = await model.createChannel();
  const { queue } = await channel.assertQueue('', { exclusive: true });
  for (const exchange of topology.exchanges) {
    await channel.assertExchange(exchange, 'topic', { durable: true });
    await channel.bindQueue(queue, exchange, '#');
  }
  const heard: ConsumeMessage[] = [];
  await channel.consume(queue, (message) => message !== null && heard.push(message), { noAck: true });
  return { heard };
}
