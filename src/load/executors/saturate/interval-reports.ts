import type { Outcomes, Window } from './outcomes.ts';
import type { FromGenerator, Interval } from './protocol.ts';

const SECOND_MS = 1_000;

/** Sends the counts of every whole second of the window; what comes after its last one is left to `close`. */
export class IntervalReports {
  readonly #outcomes: Outcomes;
  readonly #window: Window;
  readonly #send: (message: FromGenerator) => void;
  #second = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(outcomes: Outcomes, window: Window, send: (message: FromGenerator) => void) {
    this.#outcomes = outcomes;
    this.#window = window;
    this.#send = send;
    this.#schedule();
  }

  /** Timed from the window's start each time, so that late timers do not add up. */
  #schedule(): void {
    const dueMs = this.#window.startMs + (this.#second + 1) * SECOND_MS;
    if (dueMs >= this.#window.endMs) return;
    this.#timer = setTimeout(() => {
      this.#send({ kind: 'interval', ...this.#take() });
      this.#second += 1;
      this.#schedule();
    }, dueMs - performance.now());
  }

  /** Ends the reports and gives what was not reported. */
  close(): Interval {
    clearTimeout(this.#timer);
    return this.#take();
  }

  #take(): Interval {
    return { second: this.#second, tallies: this.#outcomes.take().map((tally) => tally.encode()) };
  }
}
