import type { Exchange } from '../../../model/index.ts';
import { Tally } from '../../tally.ts';
import type { Window } from '../../window.ts';

interface Flight {
  readonly step: string;
  readonly startedMs: number;
  readonly endedMs: number;
}

/**
 * Counts what becomes of the requests of all users, by the names of their steps. A request belongs to the measured
 * window when it was begun in it; its outcome counts whenever it comes.
 */
export class ExchangeCounts {
  readonly #names: readonly string[];
  readonly #window: Window;
  readonly #flights = new WeakMap<Exchange, Flight>();
  #tallies: Map<string, Tally>;
  breaks = 0;
  firstBreak: string | undefined;

  constructor(names: readonly string[], window: Window) {
    this.#names = names;
    this.#window = window;
    this.#tallies = newTallies(names);
  }

  /** The counts since the last call, in the order of the names. */
  take(): readonly Tally[] {
    const taken = [...this.#tallies.values()];
    this.#tallies = newTallies(this.#names);
    return taken;
  }

  /** Sends on behalf of a step, and remembers when. */
  async timed(step: string, send: () => Promise<Exchange>): Promise<Exchange> {
    const startedMs = performance.now();
    const tally = this.#tallyAt(step, startedMs);
    if (tally !== undefined) tally.started += 1;
    const exchange = await send();
    this.#flights.set(exchange, { step, startedMs, endedMs: performance.now() });
    return exchange;
  }

  /** What the step made of the exchange: an answer that it did not expect is an error like no answer at all. */
  judged(exchange: Exchange, isExpected: boolean): void {
    const flight = this.#flights.get(exchange);
    if (flight === undefined) return;
    const { request, response, failure } = exchange;
    const tally = this.#tallyAt(flight.step, flight.startedMs) ?? new Tally();
    const latencyUs = (flight.endedMs - flight.startedMs) * 1_000;
    if (response !== undefined) {
      const inWindow = flight.endedMs <= this.#window.endMs;
      tally.answered({ status: response.status, isExpected, latencyUs, inWindow });
    } else if (failure?.kind === 'timeout') {
      tally.timedOut(latencyUs);
    } else if (failure?.kind === 'aborted') {
      tally.abandoned += 1;
    } else {
      tally.connectionErrors += 1;
      this.breaks += 1;
      this.firstBreak ??= `${request.method} ${request.url}: ${failure?.message ?? 'no answer'}`;
    }
  }

  #tallyAt(step: string, startedMs: number): Tally | undefined {
    const { startMs, endMs } = this.#window;
    return startedMs < startMs || startedMs > endMs ? undefined : this.#tallies.get(step);
  }
}

const newTallies = (names: readonly string[]) => new Map(names.map((name) => [name, new Tally()]));
