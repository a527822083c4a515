import type { BrokerClock } from '../clock.ts';
import { Alarm } from './alarm.ts';
import type { BodyReader } from './body-reader.ts';
import type { DeathReason } from './dead-letter.ts';
import type { Entry, Message } from './message.ts';
import type { QueueSettings } from './queue-settings.ts';
import type { ReadyEntries } from './ready-entries.ts';

interface DyingOptions {
  readonly settings: QueueSettings;
  readonly clock: BrokerClock;
  readonly ready: ReadyEntries;
  readonly bodies: BodyReader;
  readonly deadLetter: (message: Message, reason: DeathReason) => void;
  /** Lets go of an entry that is in no list any more. */
  readonly drop: (entry: Entry) => void;
}

/** How messages leave a queue without being acknowledged: their time is up, there is no room, a consumer refused them. */
export class Dying {
  readonly #options: DyingOptions;
  readonly #alarm: Alarm;
  /** Some entry has had a time to live: looking for expired ones can find any. */
  #mayExpire = false;

  constructor(options: DyingOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.expire());
  }

  /** An entry has come that may expire; it is looked at later. */
  watch({ expiresAtMs }: Entry): void {
    if (expiresAtMs === undefined) return;
    this.#mayExpire = true;
    this.#setAlarm();
  }

  /** Lets go of what has expired, and sees to it that what expires next does so in time. */
  expire(): void {
    if (!this.#mayExpire) return;
    this.dropExpired();
    this.#setAlarm();
  }

  /** As in RabbitMQ only what stands first expires: a message behind one that may wait longer waits with it. */
  dropExpired(): void {
    if (!this.#mayExpire) return;
    const { ready, clock } = this.#options;
    const nowMs = clock.epochMs();
    for (;;) {
      const first = ready.firstExpired(nowMs);
      if (first === undefined || !this.#isReadToDie(first)) return;
      ready.takeExpired(nowMs);
      this.die(first, 'expired');
    }
  }

  /** Lets go of the oldest where the queue holds more than it was declared to. */
  dropOverflow(): void {
    const { ready, settings } = this.#options;
    const { maxLength = Number.POSITIVE_INFINITY, maxLengthBytes = Number.POSITIVE_INFINITY } = settings;
    if (settings.overflow !== 'drop-head') return;
    while (ready.count > maxLength || ready.bytes > maxLengthBytes) {
      const first = ready.first();
      if (first === undefined || !this.#isReadToDie(first)) return;
      ready.take();
      this.die(first, 'maxlen');
    }
  }

  /** The dead letter is made before the message goes. */
  die(entry: Entry, reason: DeathReason): void {
    const { deadLetter, drop } = this.#options;
    deadLetter(entry.message, reason);
    drop(entry);
  }

  /** Nothing has to be read for it first: it has its body, or nobody wants it. */
  canDie({ message }: Entry): boolean {
    return message.body !== undefined || this.#options.settings.deadLetterExchange === undefined;
  }

  stop(): void {
    this.#alarm.stop();
  }

  #isReadToDie(entry: Entry): boolean {
    return this.canDie(entry) || this.#options.bodies.has(entry);
  }

  #setAlarm(): void {
    const nextMs = this.#options.ready.nextExpiryMs();
    if (nextMs < this.#alarm.dueAtMs) this.#alarm.setAt(nextMs);
  }
}
