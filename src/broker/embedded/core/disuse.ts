import type { BrokerClock } from '../clock.ts';
import { Alarm } from './alarm.ts';

/** Notices that nobody has used a queue for as long as it was declared to wait (`x-expires`). */
export class Disuse {
  readonly #clock: BrokerClock;
  readonly #afterMs: number | undefined;
  readonly #alarm: Alarm;
  #usedAtMs = 0;

  /** `afterMs` is undefined for a queue that may go unused for ever. */
  constructor(clock: BrokerClock, afterMs: number | undefined, onDisuse: () => void) {
    this.#clock = clock;
    this.#afterMs = afterMs;
    this.#alarm = new Alarm(clock, () => {
      const atMs = this.#usedAtMs + (afterMs ?? 0);
      if (atMs > clock.epochMs()) this.#alarm.setAt(atMs);
      else onDisuse();
    });
  }

  /** It was used: the time starts again, unless it has consumers, for whom it is in use anyway. */
  used(hasConsumers: boolean): void {
    if (this.#afterMs === undefined) return;
    this.#usedAtMs = this.#clock.epochMs();
    if (!hasConsumers && !this.#alarm.isSet) this.#alarm.setAt(this.#usedAtMs + this.#afterMs);
  }

  stop(): void {
    this.#alarm.stop();
  }
}
