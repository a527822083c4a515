import type { Entry, Message } from './message.ts';
import type { ReadyEntries } from './ready-entries.ts';

/** Fetches bodies that are only in the journal, and calls back when they are there. */
export type ReadBodies = (messages: readonly Message[], done: () => void) => void;

/** How many are read at once, and about how many bytes. */
const READ_AHEAD = 1_000;
/** Reading goes on when so few are left, so that whoever takes them need not wait. */
const LOW = 500;
const READ_AHEAD_BYTES = 4 * 1024 * 1024;

/** Sees to it that what a queue delivers next is in memory. */
export class BodyReader {
  readonly #ready: ReadyEntries;
  readonly #readBodies: ReadBodies;
  /** Called when bodies have come. */
  readonly #onRead: () => void;
  #isReading = false;
  #waiting: (() => void)[] = [];

  constructor(ready: ReadyEntries, readBodies: ReadBodies, onRead: () => void) {
    this.#ready = ready;
    this.#readBodies = readBodies;
    this.#onRead = onRead;
  }

  /** False when it is only in the journal: then it is fetched, with what comes after it, and `onRead` is called. */
  has(entry: Entry | undefined): boolean {
    if (entry !== undefined && entry.message.body === undefined) {
      this.#readAhead(entry);
      return false;
    }
    const later = this.#ready.peek(LOW);
    if (later !== undefined && later.message.body === undefined) this.#readAhead(later);
    return true;
  }

  /** Runs `then` once the first message, if there is one, is in memory. */
  whenFirstIsThere(then: () => void): void {
    if (this.has(this.#ready.first())) then();
    else this.#waiting.push(then);
  }

  #readAhead(entry: Entry): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#readBodies([entry.message, ...this.#nextMissing(entry)], () => {
      this.#isReading = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const then of waiting) this.whenFirstIsThere(then);
      this.#onRead();
    });
  }

  #nextMissing(first: Entry): readonly Message[] {
    const missing: Message[] = [];
    let bytes = 0;
    for (const entry of this.#ready.upcoming()) {
      if (missing.length >= READ_AHEAD || bytes >= READ_AHEAD_BYTES) break;
      if (entry === first || entry.message.body !== undefined) continue;
      missing.push(entry.message);
      bytes += entry.message.bodyBytes;
    }
    return missing;
  }
}
