import type { LoadRequest } from '../../../config/index.ts';
import { Tally } from '../../tally.ts';
import type { Window } from '../../window.ts';
import type { LaneEvents, NamedRequest, Times } from './lane.ts';

/**
 * Counts what becomes of the requests of one process. A request belongs to the measured window when it was begun in
 * it; its outcome counts whenever it comes.
 */
export class Outcomes implements Omit<LaneEvents, 'next' | 'maySend'> {
  readonly #requests: readonly LoadRequest[];
  readonly #window: Window;
  readonly #whenIdle: () => void;
  #tallies: Tally[];
  inFlight = 0;
  breaks = 0;
  firstBreak: string | undefined;

  constructor(requests: readonly LoadRequest[], window: Window, whenIdle: () => void) {
    this.#requests = requests;
    this.#window = window;
    this.#whenIdle = whenIdle;
    this.#tallies = requests.map(() => new Tally());
  }

  /** The counts since the last call. */
  take(): Tally[] {
    const taken = this.#tallies;
    this.#tallies = this.#requests.map(() => new Tally());
    return taken;
  }

  begun(request: NamedRequest, atMs: number): void {
    this.inFlight += 1;
    const tally = this.#tallyOf(request, atMs);
    if (tally !== undefined) tally.started += 1;
  }

  answered(request: NamedRequest, times: Times, status: number): void {
    const allowed = this.#requests[request.index]?.expectStatus ?? [];
    this.#tallyOf(request, times.startedMs)?.answered({
      status,
      isExpected: allowed.length === 0 ? status >= 200 && status < 400 : allowed.includes(status),
      latencyUs: microseconds(times),
      inWindow: times.endedMs <= this.#window.endMs,
    });
    this.#landed();
  }

  timedOut(request: NamedRequest, times: Times): void {
    this.#tallyOf(request, times.startedMs)?.timedOut(microseconds(times));
    this.#landed();
  }

  broken(request: NamedRequest, times: Times, why: string): void {
    this.breaks += 1;
    this.firstBreak ??= `${request.method} ${request.origin}${request.path}: ${why}`;
    const tally = this.#tallyOf(request, times.startedMs);
    if (tally !== undefined) tally.connectionErrors += 1;
    this.#landed();
  }

  abandoned(request: NamedRequest, times: Times): void {
    const tally = this.#tallyOf(request, times.startedMs);
    if (tally !== undefined) tally.abandoned += 1;
    this.#landed();
  }

  #tallyOf(request: NamedRequest, startedMs: number): Tally | undefined {
    return startedMs < this.#window.startMs ? undefined : this.#tallies[request.index];
  }

  #landed(): void {
    this.inFlight -= 1;
    if (this.inFlight === 0) this.#whenIdle();
  }
}

const microseconds = ({ startedMs, endedMs }: Times) => (endedMs - startedMs) * 1_000;
