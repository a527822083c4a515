import type { Entry } from '../core/message.ts';
import type { Queue } from '../core/queue.ts';
import { AmqpError } from '../wire/amqp-error.ts';
import type { ChannelConsumer } from './consumer.ts';

export interface Delivered {
  readonly entry: Entry;
  readonly queue: Queue;
  /** Undefined for what was fetched with `basic.get`. */
  readonly consumer: ChannelConsumer | undefined;
}

/** What a channel has delivered and the client has not settled, by delivery tag. */
export class Unacked {
  readonly #deliveries = new Map<number, Delivered>();
  #ofConsumers = 0;

  /** How many count against the channel's prefetch limit. */
  get ofConsumers(): number {
    return this.#ofConsumers;
  }

  add(tag: number, delivered: Delivered): void {
    this.#deliveries.set(tag, delivered);
    if (delivered.consumer === undefined) return;
    delivered.consumer.unacked += 1;
    this.#ofConsumers += 1;
  }

  /** `isMultiple` means everything up to the tag, and with tag 0 simply everything. @throws AmqpError 406 */
  take(tag: number, isMultiple: boolean): readonly Delivered[] {
    if (isMultiple && tag === 0) return this.takeAll();
    const delivered = this.#deliveries.get(tag);
    if (delivered === undefined) throw AmqpError.precondition(`unknown delivery tag ${tag}`);
    if (!isMultiple) {
      this.#forget(tag, delivered);
      return [delivered];
    }
    const taken: Delivered[] = [];
    for (const [earlier, one] of this.#deliveries) {
      if (earlier > tag) break;
      this.#forget(earlier, one);
      taken.push(one);
    }
    return taken;
  }

  takeAll(): readonly Delivered[] {
    const all = [...this.#deliveries];
    for (const [tag, delivered] of all) this.#forget(tag, delivered);
    return all.map(([, delivered]) => delivered);
  }

  #forget(tag: number, { consumer }: Delivered): void {
    this.#deliveries.delete(tag);
    if (consumer === undefined) return;
    consumer.unacked -= 1;
    this.#ofConsumers -= 1;
  }
}
