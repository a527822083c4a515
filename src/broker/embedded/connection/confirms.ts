import type { Link } from './link.ts';
import type { Replies } from './replies.ts';

/** Answers of a channel in confirm mode: what became settled in one turn is answered together where it can be. */
export class Confirms {
  readonly #link: Link;
  readonly #replies: Replies;
  #lastNumber = 0;
  /** Not answered yet, in order. */
  readonly #open = new Set<number>();
  #settled: { readonly number: number; readonly isStored: boolean }[] = [];
  #isScheduled = false;

  constructor(link: Link, replies: Replies) {
    this.#link = link;
    this.#replies = replies;
  }

  /** The number of the next message. */
  open(): number {
    this.#lastNumber += 1;
    this.#open.add(this.#lastNumber);
    return this.#lastNumber;
  }

  /** The broker takes responsibility for the message, or says that it does not. */
  settle(number: number, isStored: boolean): void {
    if (this.#link.dice.strikes('cutBeforeConfirm')) {
      this.#link.cut();
      return;
    }
    if (this.#link.dice.strikes('withholdConfirm')) return;
    this.#settled.push({ number, isStored });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#answer();
    });
  }

  #answer(): void {
    const settled = this.#settled;
    this.#settled = [];
    for (const { number, isStored } of settled) {
      this.#open.delete(number);
      if (!isStored)
        this.#replies.send('BasicNack', { deliveryTag: number, multiple: false, requeue: false });
    }
    // An answer for several speaks for everything up to it, so it must not reach the first that is still open, nor a nack.
    const nacked = settled.filter(({ isStored }) => !isStored).map(({ number }) => number);
    const [firstOpen = Number.POSITIVE_INFINITY] = this.#open;
    const acked = settled.filter(({ isStored }) => isStored).map(({ number }) => number);
    const together = acked.filter((number) => number < firstOpen && nacked.length === 0);
    if (together.length > 0) {
      const last = together.reduce((a, b) => Math.max(a, b));
      this.#replies.send('BasicAck', { deliveryTag: last, multiple: together.length > 1 });
    }
    for (const number of acked) {
      if (number >= firstOpen || nacked.length > 0) {
        this.#replies.send('BasicAck', { deliveryTag: number, multiple: false });
      }
    }
  }
}
