import { setTimeout as delay } from 'node:timers/promises';

/** The time and the passing of time, passed in so that tests decide both. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  },
};

/** The present moment as RFC 3339 text in UTC, the form in which times are stored and answered. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
