/** Time as a run sees it; passed in, because log stamps and durations are results. */
export interface Clock {
  /** Milliseconds since 1970, may jump. */
  epochMs(): number;
  /** Milliseconds since some moment, never goes back: for durations. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  epochMs: () => Date.now(),
  // `performance` would have to be loaded.
  monotonicMs: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1e6;
  },
};
