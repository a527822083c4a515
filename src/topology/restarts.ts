import type { Restart, ServiceSpec } from '../config/project.ts';
import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import { pause } from './pause.ts';
import type { ProcessEnd } from './service-process.ts';

interface RestartsOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly onWait: (wait: { readonly afterMs: number; readonly attempt: number }) => void;
  /** Whether it is ready, or is not wanted any more. */
  readonly tryOnce: (signal: AbortSignal) => Promise<boolean>;
}

/** Starts a service that has ended again and again, with growing waits, until it is ready or to be stopped. */
export class Restarts {
  readonly #options: RestartsOptions;
  /** In a row. */
  #attempt = 0;

  constructor(options: RestartsOptions) {
    this.#options = options;
  }

  /**
   * @param readySinceMs since when it had been ready, epoch milliseconds
   * @param signal aborted when the service is to be stopped
   */
  async run(
    { backoffMs: firstMs, limitMs }: Restart,
    readySinceMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, random, onWait, tryOnce } = this.#options;
    // One that was well for long begins anew with short waits.
    if (clock.epochMs() - readySinceMs > limitMs) this.#attempt = 0;
    do {
      this.#attempt += 1;
      const afterMs = backoffMs(this.#attempt, { firstMs, limitMs, random });
      onWait({ afterMs, attempt: this.#attempt });
      await pause(afterMs, signal);
    } while (!signal.aborted && !(await tryOnce(signal)));
  }
}

/** What a service is started again by after this end of its process; undefined when it is not to be. */
export function restartAfter(
  spec: ServiceSpec,
  { exit }: ProcessEnd,
  { wasSick }: { readonly wasSick: boolean },
): Restart | undefined {
  const restart = spec.kind === 'own' ? spec.restart : undefined;
  // What was ended because it did not answer may have ended well, and has failed nevertheless.
  const isSuccess = 'code' in exit && exit.code === 0 && !wasSick;
  return restart?.policy === 'on-failure' && isSuccess ? undefined : restart;
}
