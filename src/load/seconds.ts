import type { LoadSecond } from '../model/index.ts';
import { Tally } from './tally.ts';

/** Counts of one interval: one tally per request name. */
export interface CountedSecond {
  /** Seconds since the measured window began, from 0. */
  readonly second: number;
  readonly tallies: readonly Tally[];
}

/** The intervals of all generators, added up by second and by request name. */
export class Seconds {
  readonly #generators: number;
  readonly #onSecond: (second: LoadSecond, total: Tally) => void;
  readonly #open = new Map<number, { readonly total: Tally; reports: number }>();
  readonly #series: LoadSecond[] = [];
  /** One for each request, over the whole window. */
  readonly tallies: readonly Tally[];

  constructor(requests: number, generators: number, onSecond: (second: LoadSecond, total: Tally) => void) {
    this.#generators = generators;
    this.#onSecond = onSecond;
    this.tallies = Array.from({ length: requests }, () => new Tally());
  }

  add(interval: CountedSecond): void {
    const second = this.#open.get(interval.second) ?? { total: new Tally(), reports: 0 };
    this.#open.set(interval.second, second);
    for (const [index, tally] of interval.tallies.entries()) {
      this.tallies[index]?.add(tally);
      second.total.add(tally);
    }
    second.reports += 1;
    if (second.reports === this.#generators) this.#close(interval.second, second.total);
  }

  /** The series; seconds that only some generators have reported are closed as they are. */
  series(): readonly LoadSecond[] {
    for (const [second, { total }] of this.#open) this.#close(second, total);
    return this.#series.toSorted((a, b) => a.second - b.second);
  }

  /** A closed second is kept as its summary: histograms of a long run would fill the memory. */
  #close(second: number, total: Tally): void {
    this.#open.delete(second);
    const { started, errors } = total;
    const completed = total.expected + total.unexpected;
    const summary = { second, started, completed, errors, latency: total.latencies().summary() };
    this.#series.push(summary);
    this.#onSecond(summary, total);
  }
}
