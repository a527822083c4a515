import type { LogCursor, ServiceLogLine } from './log-cursor.ts';

/** Lines that are handed on at once; no more are held besides one chunk of each service. */
export const BATCH_LINES = 4_096;
/** A line stamped later than this after the horizon is not fresh: the clock has been set back. */
const CLOCK_SLACK_MS = 1_000;

/**
 * The next lines of several logs in the order of time. Lines that belong together stay together, and so do lines of one
 * service with equal times.
 */
export class LogMerge {
  readonly #sources: Source[] = [];
  #current: Source | undefined;

  add(cursor: LogCursor): void {
    this.#sources.push(new Source(cursor));
  }

  /** Moves every log to where so many of its last lines begin that `counts` accepts, or a little earlier. */
  async seekLast(count: number, counts: (line: ServiceLogLine) => boolean): Promise<void> {
    for (const source of this.#sources) await source.seekLast(count, counts);
  }

  /**
   * Lines that are there now, in batches. With a horizon (epoch milliseconds) only those up to it: what is younger waits
   * for the next call, because another service may have written something older that is not in its file yet.
   */
  async *batches(horizonMs = Number.POSITIVE_INFINITY): AsyncGenerator<readonly ServiceLogLine[]> {
    for (const source of this.#sources) await source.fill();
    let batch: ServiceLogLine[] = [];
    for (;;) {
      const { first, nextAtMs } = this.#earliest();
      if (first === undefined || isTooFresh(first.headAtMs, horizonMs)) break;
      this.#current = first;
      const limitMs = Math.min(nextAtMs, Math.max(first.headAtMs, horizonMs));
      first.takeUpTo(limitMs, batch);
      // At most a chunk of each service, however long its lines are.
      if (batch.length >= BATCH_LINES || first.isEmpty) {
        yield batch;
        batch = [];
      }
      await first.fill();
    }
    if (batch.length > 0) yield batch;
  }

  async close(): Promise<void> {
    for (const source of this.#sources) await source.close();
  }

  /** The source to take from, and the time at which another one has its turn. */
  #earliest(): { readonly first: Source | undefined; readonly nextAtMs: number } {
    let first = this.#current?.isEmpty === false ? this.#current : undefined;
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const source of this.#sources) {
      if (source === first || source.isEmpty) continue;
      if (first === undefined || source.headAtMs < first.headAtMs) {
        nextAtMs = Math.min(nextAtMs, first?.headAtMs ?? nextAtMs);
        first = source;
      } else {
        nextAtMs = Math.min(nextAtMs, source.headAtMs);
      }
    }
    return { first, nextAtMs };
  }
}

const isTooFresh = (atMs: number, horizonMs: number) =>
  atMs > horizonMs && atMs <= horizonMs + CLOCK_SLACK_MS;

/** A log with its next lines at hand. */
class Source {
  readonly #cursor: LogCursor;
  #lines: readonly ServiceLogLine[] = [];
  #next = 0;

  constructor(cursor: LogCursor) {
    this.#cursor = cursor;
  }

  get isEmpty(): boolean {
    return this.#next >= this.#lines.length;
  }

  get headAtMs(): number {
    return this.#lines[this.#next]?.entryAtMs ?? Number.POSITIVE_INFINITY;
  }

  /** Reads on where nothing is at hand. */
  async fill(): Promise<void> {
    if (!this.isEmpty) return;
    this.#lines = await this.#cursor.read();
    this.#next = 0;
  }

  /** Lines up to a time, the first in any case, as long as the batch has room. */
  takeUpTo(limitMs: number, batch: ServiceLogLine[]): void {
    let line = this.#lines[this.#next];
    do {
      if (line === undefined) return;
      batch.push(line);
      this.#next += 1;
      line = this.#lines[this.#next];
    } while (line !== undefined && line.entryAtMs <= limitMs && batch.length < BATCH_LINES);
  }

  seekLast(count: number, counts: (line: ServiceLogLine) => boolean): Promise<void> {
    return this.#cursor.seekLast(count, counts);
  }

  close(): Promise<void> {
    return this.#cursor.close();
  }
}
