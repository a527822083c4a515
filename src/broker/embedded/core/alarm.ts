import type { BrokerClock } from '../clock.ts';

/** One timer that can be set anew. It may ring early: who sets it looks at the clock when it does. */
export class Alarm {
  readonly #clock: BrokerClock;
  readonly #ring: () => void;
  #stop: (() => void) | undefined;
  #dueAtMs = Number.POSITIVE_INFINITY;

  constructor(clock: BrokerClock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  get isSet(): boolean {
    return this.#stop !== undefined;
  }

  /** Epoch milliseconds; infinite when it is not set. */
  get dueAtMs(): number {
    return this.#dueAtMs;
  }

  /** Replaces what was set before. Infinite is never. */
  setAt(epochMs: number): void {
    this.stop();
    if (epochMs === Number.POSITIVE_INFINITY) return;
    this.#dueAtMs = epochMs;
    this.#stop = this.#clock.after(Math.max(0, epochMs - this.#clock.epochMs()), () => {
      this.stop();
      this.#ring();
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#dueAtMs = Number.POSITIVE_INFINITY;
  }
}
