import type { Entry } from './message.ts';

/**
 * Entries in the order of their positions. Taking the first and adding the last are what happens, so they are cheap;
 * an entry that comes back goes to where it was.
 */
export class ReadyList {
  /** Slots before `#head` are free. */
  #slots: (Entry | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#slots.length - this.#head;
  }

  /** The entry `index` places behind the first. */
  peek(index = 0): Entry | undefined {
    return this.#slots[this.#head + index];
  }

  add(entry: Entry): void {
    this.#slots.push(entry);
  }

  /** Takes the entry `index` places behind the first. */
  take(index = 0): Entry | undefined {
    const at = this.#head + index;
    const entry = this.#slots[at];
    if (entry === undefined) return undefined;
    this.#slots.copyWithin(this.#head + 1, this.#head, at);
    this.#slots[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > 1_024 && this.#head * 2 > this.#slots.length) this.#compact();
    return entry;
  }

  putBack(entry: Entry): void {
    const first = this.peek();
    if (first === undefined || entry.position < first.position) this.#prepend(entry);
    else this.#slots.splice(this.#placeOf(entry.position), 0, entry);
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    for (let at = this.#head; at < this.#slots.length; at += 1) {
      const entry = this.#slots[at];
      if (entry !== undefined) yield entry;
    }
  }

  #prepend(entry: Entry): void {
    if (this.#head === 0) {
      const room = Math.max(16, this.#slots.length >> 1);
      this.#slots = [...new Array<undefined>(room).fill(undefined), ...this.#slots];
      this.#head = room;
    }
    this.#head -= 1;
    this.#slots[this.#head] = entry;
  }

  /** The first slot whose entry comes after that position. */
  #placeOf(position: number): number {
    let low = this.#head;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#slots[middle]?.position ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compact(): void {
    this.#slots = this.#slots.slice(this.#head);
    this.#head = 0;
  }
}
