import type { BrokerClock } from '../clock.ts';

export interface HeartbeatOptions {
  readonly clock: BrokerClock;
  readonly seconds: number;
  readonly beat: () => void;
  /** Nothing has come for two intervals. */
  readonly onSilence: () => void;
}

/** Sends heartbeats, twice as often as agreed, and notices when the other side has gone silent. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #heardAtMs: number;
  #stop: () => void = () => undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#heardAtMs = options.clock.epochMs();
    if (options.seconds > 0) this.#tick();
  }

  heard(): void {
    this.#heardAtMs = this.#options.clock.epochMs();
  }

  stop(): void {
    this.#stop();
  }

  #tick(): void {
    const { clock, seconds, beat, onSilence } = this.#options;
    this.#stop = clock.after(seconds * 500, () => {
      if (clock.epochMs() - this.#heardAtMs > seconds * 2_000) {
        onSilence();
        return;
      }
      beat();
      this.#tick();
    });
  }
}
