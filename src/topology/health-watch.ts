import type { Liveness, ServiceSpec } from '../config/project.ts';
import { watchLiveness, whyNot } from './liveness.ts';
import { pause } from './pause.ts';
import type { RunSurroundings } from './run-surroundings.ts';

interface HealthWatchOptions {
  readonly spec: ServiceSpec;
  readonly around: Pick<RunSurroundings, 'clock' | 'random' | 'run'>;
  /** It does not answer, and why. */
  readonly onSick: (reason: string) => void;
  readonly onWell: () => void;
}

/** Between two looks at a service that has yet to find again what it needs. */
const RECHECK_PAUSE_MS = 25;

/** Whether one service answers, from the moment it is ready until that process of it ends. */
export class HealthWatch {
  readonly #options: HealthWatchOptions;
  /** Absent while it is not watched: to abort is not cheap. */
  #life: AbortController | undefined;

  constructor(options: HealthWatchOptions) {
    this.#options = options;
  }

  /** It has become ready: from now on it is asked as its `live` says. */
  begin(): void {
    this.#watch(this.#renew());
  }

  end(): void {
    this.#life?.abort();
    this.#life = undefined;
  }

  /**
   * What it needs was away and is back: does it still answer? It is given the time of one answer for that. One that does
   * not is sick, and is asked on until it is well. False when it does not answer; one without `live` is not asked.
   */
  async recheck(): Promise<boolean> {
    const { live } = this.#options.spec;
    if (live === undefined) return true;
    const signal = this.#renew();
    const deadlineMs = performance.now() + live.timeoutMs;
    let reason = await this.#whyNot(live, signal);
    while (reason !== undefined && !signal.aborted && performance.now() < deadlineMs) {
      await pause(RECHECK_PAUSE_MS, signal);
      reason = await this.#whyNot(live, signal);
    }
    if (signal.aborted) return false;
    if (reason === undefined) {
      this.#watch(signal);
      return true;
    }
    this.#options.onSick(reason);
    void this.#untilWell(live, signal);
    return false;
  }

  #renew(): AbortSignal {
    this.end();
    this.#life = new AbortController();
    return this.#life.signal;
  }

  async #untilWell(live: Liveness, signal: AbortSignal): Promise<void> {
    do await pause(live.everyMs, signal);
    while (!signal.aborted && (await this.#whyNot(live, signal)) !== undefined);
    if (signal.aborted) return;
    this.#options.onWell();
    this.#watch(signal);
  }

  #watch(signal: AbortSignal): void {
    const { spec, around, onSick, onWell } = this.#options;
    if (spec.live === undefined) return;
    const { clock, random, run } = around;
    void watchLiveness({ spec, live: spec.live, clock, random, run, signal, onSick, onWell });
  }

  #whyNot(live: Liveness, signal: AbortSignal): Promise<string | undefined> {
    const { spec, around } = this.#options;
    return whyNot({ spec, live, run: around.run, signal });
  }
}
