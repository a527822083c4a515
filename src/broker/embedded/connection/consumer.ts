import { wholeNumber } from '../core/arguments.ts';
import type { Entry } from '../core/message.ts';
import type { Queue } from '../core/queue.ts';
import type { Consumer } from '../core/rotation.ts';
import type { Table } from '../wire/methods.ts';

interface ConsumerOptions {
  readonly tag: string;
  readonly queue: Queue;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly arguments: Table;
  /** How many deliveries it may have unacknowledged; 0 is any number. */
  readonly limit: number;
  /** Whether its channel has room. */
  readonly mayTake: (takesAcks: boolean) => boolean;
  readonly onDeliver: (entry: Entry, consumer: ChannelConsumer) => void;
  readonly onLost: (consumer: ChannelConsumer) => void;
}

/** One `basic.consume` of a channel. */
export class ChannelConsumer implements Consumer {
  readonly tag: string;
  readonly queue: Queue;
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly priority: number;
  unacked = 0;
  readonly #options: ConsumerOptions;

  /** @throws AmqpError 406 for a priority that is no number */
  constructor(options: ConsumerOptions) {
    this.tag = options.tag;
    this.queue = options.queue;
    this.noAck = options.noAck;
    this.exclusive = options.exclusive;
    const place = `consumer '${options.tag}' in vhost '/'`;
    this.priority =
      wholeNumber(options.arguments, 'x-priority', place, { from: Number.MIN_SAFE_INTEGER }) ?? 0;
    this.#options = options;
  }

  canTake(): boolean {
    const { limit, mayTake } = this.#options;
    const hasRoom = this.noAck || limit === 0 || this.unacked < limit;
    return hasRoom && mayTake(!this.noAck);
  }

  deliver(entry: Entry): void {
    this.#options.onDeliver(entry, this);
  }

  lostQueue(): void {
    this.#options.onLost(this);
  }
}
