import type { LoadJourneyFailure, LoadJourneys } from '../../../model/index.ts';
import type { JourneyOutcome } from '../../../suite/index.ts';
import { Latencies } from '../../histogram.ts';
import type { Window } from '../../window.ts';

/** So many failures are kept in full; the others only count. */
const MAX_FIRST_FAILURES = 10;

/** A journey under way. */
export interface BegunJourney {
  readonly user: number;
  /** Of this user, from 1. */
  readonly iteration: number;
  readonly startedMs: number;
}

/** Counts what becomes of journeys. One belongs to the measured window when it was begun in it. */
export class JourneyCounts {
  readonly #window: Window;
  readonly #most: number;
  readonly #durations = new Latencies();
  readonly #failures = new Map<string, { step: string; cause: string; count: number }>();
  readonly #first: LoadJourneyFailure[] = [];
  #started = 0;
  #completed = 0;
  #failed = 0;
  #cut = 0;
  #endedLate = 0;

  /** @param most so many may begin in the window */
  constructor(window: Window, most: number) {
    this.#window = window;
    this.#most = most;
  }

  /** Undefined: nothing new begins any more. */
  begin(user: number, iteration: number): BegunJourney | undefined {
    const startedMs = performance.now();
    if (startedMs >= this.#window.endMs) return undefined;
    if (startedMs >= this.#window.startMs) {
      if (this.#started >= this.#most) return undefined;
      this.#started += 1;
    }
    return { user, iteration, startedMs };
  }

  end({ user, iteration, startedMs }: BegunJourney, outcome: JourneyOutcome): void {
    if (startedMs < this.#window.startMs) return;
    if (outcome.kind === 'cut') {
      this.#cut += 1;
      return;
    }
    const endedMs = performance.now();
    this.#durations.record((endedMs - startedMs) * 1_000);
    if (endedMs > this.#window.endMs) this.#endedLate += 1;
    if (outcome.kind === 'completed') {
      this.#completed += 1;
      return;
    }
    this.#failed += 1;
    const { step, cause, message, place } = outcome;
    const key = `${step}\n${cause}`;
    const known = this.#failures.get(key) ?? { step, cause, count: 0 };
    known.count += 1;
    this.#failures.set(key, known);
    if (this.#first.length < MAX_FIRST_FAILURES) this.#first.push({ user, iteration, step, message, place });
  }

  summary(conditions: Pick<LoadJourneys, 'users' | 'pauseMs' | 'graceMs'>, measuredMs: number): LoadJourneys {
    const ended = this.#completed + this.#failed;
    const inTime = ended - this.#endedLate;
    return {
      ...conditions,
      ...{ started: this.#started, completed: this.#completed, failed: this.#failed, cut: this.#cut },
      endedLate: this.#endedLate,
      ratePerSecond: measuredMs === 0 ? 0 : inTime / (measuredMs / 1_000),
      ...(ended === 0 ? {} : { errorRatio: this.#failed / ended }),
      duration: this.#durations.summary(),
      failures: [...this.#failures.values()].sort((a, b) => b.count - a.count),
      firstFailures: this.#first,
    };
  }
}
