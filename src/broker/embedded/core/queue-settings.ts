import { AmqpError } from '../wire/amqp-error.ts';
import type { Table } from '../wire/methods.ts';
import { flag, shown, text, wholeNumber } from './arguments.ts';

export type Overflow = 'drop-head' | 'reject-publish' | 'reject-publish-dlx';

/** What a queue's arguments say. */
export interface QueueSettings {
  /** Milliseconds that a message may wait. */
  readonly messageTtlMs: number | undefined;
  /** Milliseconds after which the queue goes when nobody uses it. */
  readonly expiresMs: number | undefined;
  readonly maxLength: number | undefined;
  readonly maxLengthBytes: number | undefined;
  readonly overflow: Overflow;
  readonly deadLetterExchange: string | undefined;
  readonly deadLetterRoutingKey: string | undefined;
  readonly maxPriority: number;
  readonly singleActiveConsumer: boolean;
}

/** Arguments that must be the same whenever the queue is declared again. */
const DECISIVE = [
  'x-expires',
  'x-message-ttl',
  'x-dead-letter-exchange',
  'x-dead-letter-routing-key',
  'x-max-length',
  'x-max-length-bytes',
  'x-overflow',
  'x-max-priority',
  'x-single-active-consumer',
  'x-queue-type',
] as const;

/** Read, but of no consequence here: these describe how RabbitMQ stores or replicates. */
const ACCEPTED = ['x-queue-mode', 'x-queue-version', 'x-queue-leader-locator', 'x-queue-master-locator'];

const OVERFLOWS = ['drop-head', 'reject-publish', 'reject-publish-dlx'] as const;
/** The longest time that RabbitMQ takes, in milliseconds. */
const LONGEST_MS = 0xffff_ffff;

/** @throws AmqpError 406 naming the argument, 540 for kinds of queues that are not built */
export function readQueueSettings(args: Table, name: string): QueueSettings {
  const place = `queue '${name}' in vhost '/'`;
  const type = text(args, 'x-queue-type', place, ['classic', 'quorum', 'stream']);
  if (type === 'stream') throw AmqpError.notImplemented('streams are not built; declare a classic queue');
  const overflow = text(args, 'x-overflow', place, OVERFLOWS);
  const settings: QueueSettings = {
    messageTtlMs: wholeNumber(args, 'x-message-ttl', place, { to: LONGEST_MS }),
    expiresMs: wholeNumber(args, 'x-expires', place, { from: 1, to: LONGEST_MS }),
    maxLength: wholeNumber(args, 'x-max-length', place),
    maxLengthBytes: wholeNumber(args, 'x-max-length-bytes', place),
    overflow: OVERFLOWS.find((known) => known === overflow) ?? 'drop-head',
    deadLetterExchange: text(args, 'x-dead-letter-exchange', place),
    deadLetterRoutingKey: text(args, 'x-dead-letter-routing-key', place),
    maxPriority: wholeNumber(args, 'x-max-priority', place, { to: 255 }) ?? 0,
    singleActiveConsumer: flag(args, 'x-single-active-consumer', place) ?? false,
  };
  if (settings.deadLetterRoutingKey !== undefined && settings.deadLetterExchange === undefined) {
    throw AmqpError.precondition(
      `invalid arg 'x-dead-letter-routing-key' for ${place}: there is no x-dead-letter-exchange`,
    );
  }
  return settings;
}

/** Sentences for what is accepted but does less than it would elsewhere. */
export function queueWarnings(args: Table, name: string): readonly string[] {
  const warnings: string[] = [];
  if (args['x-queue-type'] === 'quorum') warnings.push(`queue '${name}': quorum queues work as classic ones`);
  for (const key of Object.keys(args)) {
    if (!DECISIVE.some((known) => known === key) && key.startsWith('x-')) {
      const known = ACCEPTED.includes(key);
      warnings.push(`queue '${name}': ${key} ${known ? 'has no effect here' : 'is unknown and ignored'}`);
    }
  }
  return warnings;
}

/** @throws AmqpError 406 naming the first argument that differs */
export function requireSameArguments(received: Table, current: Table, name: string): void {
  for (const key of DECISIVE) {
    if (received[key] === current[key]) continue;
    throw AmqpError.precondition(
      `inequivalent arg '${key}' for queue '${name}' in vhost '/': received ${shown(received[key])} but current is ${shown(current[key])}`,
    );
  }
}
