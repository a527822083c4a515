import type { Channel } from 'amqplib';
import type { RetryQueue } from './retry.ts';
import type { QueueTopology, Topology } from './topology.ts';

/** Everything durable, so that a restarted broker has it, and declared by whoever comes first. */
export async function declareExchanges(
  channel: Channel,
  { exchanges, deadLetters }: Topology,
): Promise<void> {
  for (const name of [...exchanges, deadLetters])
    await channel.assertExchange(name, 'topic', { durable: true });
}

/**
 * A queue with its bindings and its `.dead`. Its arguments depend on no setting but the names: two services that
 * declare it differently would shut each other out (406).
 */
export async function declareQueue(
  channel: Channel,
  topology: Topology,
  queue: QueueTopology,
): Promise<void> {
  const { name, dead, bindings } = queue;
  await channel.assertQueue(dead, { durable: true });
  await channel.bindQueue(dead, topology.deadLetters, dead);
  // For whatever drops a message without us: another program's reject, or a limit that an operator sets.
  await channel.assertQueue(name, {
    durable: true,
    deadLetterExchange: topology.deadLetters,
    deadLetterRoutingKey: dead,
  });
  for (const { exchange, key } of bindings) await channel.bindQueue(name, exchange, key);
}

/** Queues that hold messages for a while and then lead them back to where they came from. */
export async function declareRetries(
  channel: Channel,
  { name }: QueueTopology,
  ladder: readonly RetryQueue[],
): Promise<void> {
  for (const { name: retry, delayMs } of ladder) {
    await channel.assertQueue(retry, {
      durable: true,
      messageTtl: delayMs,
      deadLetterExchange: '',
      deadLetterRoutingKey: name,
    });
  }
}
