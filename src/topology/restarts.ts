import type { Restart } from '../config/project.ts';
import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import { pause } from './pause.ts';

interface RestartsOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted when the service is to be stopped. */
  readonly signal: AbortSignal;
  readonly onWait: (wait: { readonly afterMs: number; readonly attempt: number }) => void;
  /** Whether it is ready, or is not wanted any more. */
  readonly tryOnce: () => Promise<boolean>;
}

/** Starts a service that has ended again and again, with growing waits, until it is ready or to be stopped. */
export class Restarts {
  readonly #options: RestartsOptions;
  /** In a row. */
  #attempt = 0;

  constructor(options: RestartsOptions) {
    this.#options = options;
  }

  /** @param readySinceMs since when it had been ready, epoch milliseconds */
  async run({ backoffMs: firstMs, limitMs }: Restart, readySinceMs: number): Promise<void> {
    const { clock, random, signal, onWait, tryOnce } = this.#options;
    // One that was well for long begins anew with short waits.
    if (clock.epochMs() - readySinceMs > limitMs) this.#attempt = 0;
    do {
      this.#attempt += 1;
      const afterMs = backoffMs(this.#attempt, { firstMs, limitMs, random });
      onWait({ afterMs, attempt: this.#attempt });
      await pause(afterMs, signal);
    } while (!signal.aborted && !(await tryOnce()));
  }
}
