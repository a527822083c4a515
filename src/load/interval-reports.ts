import type { CountedSecond } from './seconds.ts';
import type { Tally } from './tally.ts';
import type { Window } from './window.ts';

const SECOND_MS = 1_000;

/** Hands on the counts of every whole second of the window; what comes after its last one is left to `close`. */
export class IntervalReports {
  readonly #take: () => readonly Tally[];
  readonly #window: Window;
  readonly #report: (counted: CountedSecond) => void;
  #second = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param take gives the counts since the last call */
  constructor(take: () => readonly Tally[], window: Window, report: (counted: CountedSecond) => void) {
    this.#take = take;
    this.#window = window;
    this.#report = report;
    this.#schedule();
  }

  /** Timed from the window's start each time, so that late timers do not add up. */
  #schedule(): void {
    const dueMs = this.#window.startMs + (this.#second + 1) * SECOND_MS;
    if (dueMs >= this.#window.endMs) return;
    this.#timer = setTimeout(() => {
      this.#report(this.#counted());
      this.#second += 1;
      this.#schedule();
    }, dueMs - performance.now());
  }

  /** Ends the reports and gives what was not reported. */
  close(): CountedSecond {
    clearTimeout(this.#timer);
    return this.#counted();
  }

  #counted(): CountedSecond {
    return { second: this.#second, tallies: this.#take() };
  }
}
