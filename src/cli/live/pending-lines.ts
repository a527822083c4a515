import { type Deferred, deferred } from '../../lib/deferred.ts';

/** Characters of a write: between two of them keys are heard. */
const AT_ONCE = 128 * 1024;
/** Characters from which on whoever writes more has to wait. */
const LIMIT = 1024 * 1024;

/** Log lines on their way to the terminal: gathered, so that thousands become one write, and bounded. */
export class PendingLines {
  #texts: string[] = [];
  #length = 0;
  #room: Deferred<void> | undefined;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** More than one write takes. */
  get isFlood(): boolean {
    return this.#length > AT_ONCE;
  }

  /** @param text whole lines. The promise settles when there is room again. */
  add(text: string): Promise<void> | undefined {
    if (text === '') return undefined;
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length < LIMIT) return undefined;
    this.#room ??= deferred();
    return this.#room.promise;
  }

  /** The next of them for one write; more than usual where what was added at once is longer. */
  take(): string {
    let length = 0;
    let count = 0;
    while (count < this.#texts.length && length < AT_ONCE) {
      length += this.#texts[count]?.length ?? 0;
      count += 1;
    }
    return this.#remove(count);
  }

  takeAll(): string {
    return this.#remove(this.#texts.length);
  }

  #remove(count: number): string {
    const text = this.#texts.splice(0, count).join('');
    this.#length -= text.length;
    if (this.#length < LIMIT) {
      this.#room?.resolve();
      this.#room = undefined;
    }
    return text;
  }
}
