import type { LoadTally } from '../model/index.ts';
import { type EncodedLatencies, Latencies } from './histogram.ts';

/** Counts of one request name as they travel between processes: what came since the last report. */
export interface EncodedTally {
  readonly started: number;
  readonly completedInWindow: number;
  readonly expected: number;
  readonly unexpected: number;
  readonly timeouts: number;
  readonly connectionErrors: number;
  readonly abandoned: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly expectedLatencies: EncodedLatencies;
  readonly failedLatencies: EncodedLatencies;
}

const COUNTS = [
  'started',
  'completedInWindow',
  'expected',
  'unexpected',
  'timeouts',
  'connectionErrors',
  'abandoned',
] as const;

/** Counts what becomes of requests. Timed-out requests enter the latencies, so that percentiles are not flattered. */
export class Tally {
  started = 0;
  completedInWindow = 0;
  expected = 0;
  unexpected = 0;
  timeouts = 0;
  connectionErrors = 0;
  abandoned = 0;
  readonly #statuses = new Map<string, number>();
  readonly #expectedLatencies = new Latencies();
  readonly #failedLatencies = new Latencies();

  get attempted(): number {
    return this.expected + this.unexpected + this.timeouts + this.connectionErrors;
  }

  get errors(): number {
    return this.unexpected + this.timeouts + this.connectionErrors;
  }

  answered(answer: { status: number; isExpected: boolean; latencyUs: number; inWindow: boolean }): void {
    const status = String(answer.status);
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    if (answer.inWindow) this.completedInWindow += 1;
    if (answer.isExpected) {
      this.expected += 1;
      this.#expectedLatencies.record(answer.latencyUs);
    } else {
      this.unexpected += 1;
      this.#failedLatencies.record(answer.latencyUs);
    }
  }

  timedOut(latencyUs: number): void {
    this.timeouts += 1;
    this.#failedLatencies.record(latencyUs);
  }

  add(other: Tally): void {
    for (const count of COUNTS) this[count] += other[count];
    for (const [status, count] of other.#statuses) this.#countStatus(status, count);
    this.#expectedLatencies.add(other.#expectedLatencies);
    this.#failedLatencies.add(other.#failedLatencies);
  }

  static decode(encoded: EncodedTally): Tally {
    const tally = new Tally();
    for (const count of COUNTS) tally[count] = encoded[count];
    for (const [status, count] of Object.entries(encoded.statuses)) tally.#countStatus(status, count);
    tally.#expectedLatencies.addEncoded(encoded.expectedLatencies);
    tally.#failedLatencies.addEncoded(encoded.failedLatencies);
    return tally;
  }

  #countStatus(status: string, count: number): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + count);
  }

  encode(): EncodedTally {
    const { started, completedInWindow, expected, unexpected, timeouts, connectionErrors, abandoned } = this;
    return {
      ...{ started, completedInWindow, expected, unexpected, timeouts, connectionErrors, abandoned },
      statuses: Object.fromEntries(this.#statuses),
      expectedLatencies: this.#expectedLatencies.encode(),
      failedLatencies: this.#failedLatencies.encode(),
    };
  }

  /** All latencies, whatever came of the request. */
  latencies(): Latencies {
    const all = new Latencies();
    all.add(this.#expectedLatencies);
    all.add(this.#failedLatencies);
    return all;
  }

  summary(name: string, measuredMs: number): LoadTally {
    const { started, expected, unexpected, timeouts, connectionErrors, abandoned, attempted } = this;
    return {
      ...{ name, started, completed: expected + unexpected, expected, unexpected, timeouts },
      ...{ connectionErrors, abandoned },
      ratePerSecond: measuredMs === 0 ? 0 : this.completedInWindow / (measuredMs / 1_000),
      ...(attempted === 0 ? {} : { errorRatio: this.errors / attempted }),
      statuses: Object.fromEntries(this.#statuses),
      latency: this.latencies().summary(),
      expectedLatency: this.#expectedLatencies.summary(),
    };
  }
}
