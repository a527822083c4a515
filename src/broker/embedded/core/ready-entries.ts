import type { Entry } from './message.ts';
import { ReadyList } from './ready-list.ts';

/** The entries of a queue that wait, highest priority first and within it in order; with how many and how large they are. */
export class ReadyEntries {
  readonly #levels: readonly ReadyList[];
  #count = 0;
  #bytes = 0;

  constructor(maxPriority: number) {
    this.#levels = Array.from({ length: maxPriority + 1 }, () => new ReadyList());
  }

  get count(): number {
    return this.#count;
  }
  /** Of the bodies. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds one that is younger than all others. */
  add(entry: Entry): void {
    this.#levelOf(entry).add(entry);
    this.#counted(entry, 1);
  }

  /** Adds one that comes back to where it was. */
  putBack(entry: Entry): void {
    this.#levelOf(entry).putBack(entry);
    this.#counted(entry, 1);
  }

  /** Takes the one whose turn it is, or one that stands up to `index` places behind it in the same priority. */
  take(index = 0): Entry | undefined {
    const level = this.#levels.find(({ size }) => size > 0);
    if (level === undefined) return undefined;
    return this.#taken(level.take(Math.min(index, level.size - 1)));
  }

  /** The one whose turn it is. */
  first(): Entry | undefined {
    return this.peek(0);
  }

  /** The one `index` places behind it in the same priority. */
  peek(index: number): Entry | undefined {
    return this.#levels.find(({ size }) => size > 0)?.peek(index);
  }

  /** The next ones in turn, without taking them. */
  *upcoming(): IterableIterator<Entry> {
    for (const level of this.#levels) yield* level;
  }

  /** A first of any priority that expires by then. */
  firstExpired(nowMs: number): Entry | undefined {
    return this.#expiredLevel(nowMs)?.peek();
  }

  takeExpired(nowMs: number): Entry | undefined {
    return this.#taken(this.#expiredLevel(nowMs)?.take());
  }

  /** Epoch milliseconds at which the next first expires; infinite when none does. */
  nextExpiryMs(): number {
    const firsts = this.#levels.map((level) => level.peek()?.expiresAtMs ?? Number.POSITIVE_INFINITY);
    return Math.min(...firsts);
  }

  #expiredLevel(nowMs: number): ReadyList | undefined {
    return this.#levels.find((one) => (one.peek()?.expiresAtMs ?? Number.POSITIVE_INFINITY) <= nowMs);
  }

  #levelOf({ message }: Entry): ReadyList {
    const highest = this.#levels.length - 1;
    const level = this.#levels[highest - Math.min(message.priority, highest)];
    if (level === undefined) throw new Error(`no level for priority ${message.priority}`);
    return level;
  }

  #taken(entry: Entry | undefined): Entry | undefined {
    if (entry !== undefined) this.#counted(entry, -1);
    return entry;
  }

  #counted({ message }: Entry, sign: 1 | -1): void {
    this.#count += sign;
    this.#bytes += sign * message.bodyBytes;
  }
}
