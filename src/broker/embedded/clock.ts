/** Time as the broker sees it; passed in, because expiry and heartbeats depend on it. */
export interface BrokerClock {
  /** Milliseconds since 1970: what expiry is reckoned in, since it outlives the process. */
  epochMs(): number;
  /** Runs once, at the earliest after so many milliseconds; returns how to call it off. */
  after(ms: number, run: () => void): () => void;
}

/** Node turns a longer timeout into none at all. Who waits longer looks at the clock when it fires, and waits again. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

export const systemClock: BrokerClock = {
  epochMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
