import type { Entry } from './message.ts';

/** Who takes messages from a queue. */
export interface Consumer {
  readonly tag: string;
  readonly exclusive: boolean;
  /** Higher ones are served first, as long as they have room. */
  readonly priority: number;
  /** It has room for one more at this moment. */
  canTake(): boolean;
  deliver(entry: Entry): void;
  /** The queue is gone, and with it the consumer's place there. */
  lostQueue(): void;
}

/** Whose turn it is: the highest priority that has room, within it one after the other. */
export class Rotation {
  /** Highest priority first, then by arrival. */
  #consumers: Consumer[] = [];
  #lastServed: Consumer | undefined;
  readonly #isSingleActive: boolean;

  constructor(isSingleActive: boolean) {
    this.#isSingleActive = isSingleActive;
  }

  get size(): number {
    return this.#consumers.length;
  }
  get hasExclusive(): boolean {
    return this.#consumers.some(({ exclusive }) => exclusive);
  }
  all(): readonly Consumer[] {
    return this.#consumers;
  }

  add(consumer: Consumer): void {
    const firstLower = this.#isSingleActive
      ? -1
      : this.#consumers.findIndex(({ priority }) => priority < consumer.priority);
    const place = firstLower === -1 ? this.#consumers.length : firstLower;
    this.#consumers = this.#consumers.toSpliced(place, 0, consumer);
  }

  remove(consumer: Consumer): void {
    this.#consumers = this.#consumers.filter((other) => other !== consumer);
  }

  /** Somebody could be next. */
  anyHasRoom(): boolean {
    const candidates = this.#isSingleActive ? this.#consumers.slice(0, 1) : this.#consumers;
    return candidates.some((consumer) => consumer.canTake());
  }

  next(): Consumer | undefined {
    if (this.#isSingleActive) {
      const [active] = this.#consumers;
      return active?.canTake() === true ? active : undefined;
    }
    const start = this.#lastServed === undefined ? -1 : this.#consumers.indexOf(this.#lastServed);
    const next = this.#afterInPriority(start);
    if (next !== undefined) this.#lastServed = next;
    return next;
  }

  /** Walks the consumers once, beginning behind the last one served, and keeps the best that has room. */
  #afterInPriority(start: number): Consumer | undefined {
    let best: Consumer | undefined;
    const count = this.#consumers.length;
    for (let step = 1; step <= count; step += 1) {
      const consumer = this.#consumers[(start + step) % count];
      if (consumer === undefined || (best !== undefined && consumer.priority <= best.priority)) continue;
      if (consumer.canTake()) best = consumer;
    }
    return best;
  }
}
