import type { Journal } from '../journal/journal.ts';
import { costOf, type Message } from './message.ts';

interface HeldOptions {
  readonly journal: Journal;
  /** Beyond so many bytes, bodies that are on disk leave memory. */
  readonly residentBytes: number;
  /** Memory has become free. */
  readonly onRelease: () => void;
}

/** What the messages in all queues take together, and which of their bodies are in memory. */
export class HeldMessages {
  readonly #options: HeldOptions;
  #bytes = 0;

  constructor(options: HeldOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** One more queue entry holds it. */
  hold(message: Message): void {
    message.holders += 1;
    if (message.holders === 1) this.#bytes += costOf(message);
  }

  release(message: Message): void {
    message.holders -= 1;
    if (message.holders > 0) return;
    this.#bytes -= costOf(message);
    this.#options.onRelease();
  }

  /** Bodies that have reached the disk leave memory when there is much in it; they are read when their turn comes. */
  written(messages: Iterable<Message>): void {
    for (const message of messages) {
      if (this.#bytes <= this.#options.residentBytes) return;
      // A queue that is not in the journal may keep the message longer than the journal does.
      const isWhole = message.holders > 0 && message.holders === message.storedHolders;
      if (!isWhole || message.body === undefined) continue;
      this.#bytes -= message.body.length;
      message.body = undefined;
      // Small buffers share blocks of memory: the header must not keep the one that its body was in.
      message.header = Buffer.from(message.header);
    }
  }

  /** Fetches bodies that are only in the journal. */
  readBodies(messages: readonly Message[], done: () => void): void {
    const missing = messages.filter(({ body }) => body === undefined);
    this.#options.journal.readBodies(missing, (bodies) => {
      for (const message of missing) {
        const body = bodies.get(message.id);
        if (body === undefined || message.holders === 0 || message.body !== undefined) continue;
        message.body = body;
        this.#bytes += body.length;
      }
      done();
    });
  }
}
