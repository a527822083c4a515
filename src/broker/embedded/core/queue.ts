import type { BrokerClock } from '../clock.ts';
import type { FaultDice } from '../faults.ts';
import type { Journal, QueueDefinition } from '../journal/journal.ts';
import { headersOf } from '../wire/content-header.ts';
import { Alarm } from './alarm.ts';
import type { DeathReason } from './dead-letter.ts';
import type { Entry, Message } from './message.ts';
import type { QueueSettings } from './queue-settings.ts';
import { ReadyEntries } from './ready-entries.ts';
import { type Consumer, Rotation } from './rotation.ts';

/** What a queue needs from the broker around it. */
export interface QueueSurroundings {
  readonly clock: BrokerClock;
  readonly journal: Journal;
  readonly dice: FaultDice;
  nextPosition(): number;
  /** One more, or one less, queue entry holds the message. */
  hold(message: Message): void;
  release(message: Message): void;
  deadLetter(message: Message, reason: DeathReason, queue: Queue): void;
  /** Nobody uses the queue any more, and it was declared to go then. */
  unused(queue: Queue): void;
}

/** How far the reorder fault reaches. */
const REORDER_AMONG = 16;

/** A queue: entries in order, who takes them, and the limits it was declared with. */
export class Queue {
  readonly definition: QueueDefinition;
  readonly settings: QueueSettings;
  /** The connection that an exclusive queue belongs to. */
  readonly owner: object | undefined;
  readonly #around: QueueSurroundings;
  readonly #rotation: Rotation;
  readonly #ready: ReadyEntries;
  readonly #unacked = new Set<Entry>();
  /** Held back by the delay fault, with how to stop waiting. */
  readonly #delayed = new Map<Entry, () => void>();
  readonly #expiry: Alarm;
  readonly #disuse: Alarm;
  #usedAtMs = 0;
  #published = 0;
  #delivered = 0;
  #acked = 0;
  #isPumping = false;
  #isGone = false;
  /** Some entry has had a time to live: looking for expired ones can find any. */
  #mayExpire = false;

  constructor(
    definition: QueueDefinition,
    settings: QueueSettings,
    owner: object | undefined,
    around: QueueSurroundings,
  ) {
    this.definition = definition;
    this.settings = settings;
    this.owner = owner;
    this.#around = around;
    this.#rotation = new Rotation(settings.singleActiveConsumer);
    this.#ready = new ReadyEntries(settings.maxPriority);
    this.#expiry = new Alarm(around.clock, () => this.#expire());
    this.#disuse = new Alarm(around.clock, () => this.#goIfUnused());
    this.touch();
  }

  get name(): string {
    return this.definition.name;
  }
  get ready(): number {
    return this.#ready.count;
  }
  get readyBytes(): number {
    return this.#ready.bytes;
  }
  get unacked(): number {
    return this.#unacked.size;
  }
  get delayed(): number {
    return this.#delayed.size;
  }
  get consumers(): number {
    return this.#rotation.size;
  }
  /** How many messages came in, went out and were settled since the queue was there; redeliveries count again. */
  get counts(): { readonly published: number; readonly delivered: number; readonly acked: number } {
    return { published: this.#published, delivered: this.#delivered, acked: this.#acked };
  }
  get hasExclusiveConsumer(): boolean {
    return this.#rotation.hasExclusive;
  }
  /** Bindings and persistent messages of such a queue outlive the process. */
  get isStored(): boolean {
    return this.definition.durable && !this.definition.exclusive;
  }

  /** Takes a message in; false when the queue is full and declared to refuse then. */
  push(message: Message): boolean {
    const { overflow } = this.settings;
    if (overflow !== 'drop-head' && this.#isFullFor(message)) {
      if (overflow === 'reject-publish-dlx') this.#around.deadLetter(message, 'maxlen', this);
      return false;
    }
    this.#enter(message);
    if (this.#around.dice.strikes('duplicate') && !isDeadLetter(message)) this.#enter(message);
    return true;
  }

  /** Takes in what the journal kept, in order. */
  restore(entry: Entry): void {
    this.#around.hold(entry.message);
    this.#mayExpire ||= entry.expiresAtMs !== undefined;
    this.#ready.add(entry);
    // Not looked at before everything is back: a dead letter would come before what is older.
    this.#setExpiry();
  }

  addConsumer(consumer: Consumer): void {
    this.#rotation.add(consumer);
    this.#disuse.stop();
  }

  removeConsumer(consumer: Consumer): void {
    this.#rotation.remove(consumer);
    if (this.#isGone || this.#rotation.size > 0) return;
    this.touch();
    if (this.definition.autoDelete) this.#around.unused(this);
  }

  /** Takes the first message without being a consumer. It counts as unacked until it is settled. */
  get(): Entry | undefined {
    this.touch();
    this.#dropExpired();
    return this.#take();
  }

  /** It is dealt with and goes. */
  settle(entry: Entry): void {
    if (!this.#unacked.delete(entry)) return;
    this.#acked += 1;
    this.#drop(entry);
  }

  /** It was refused for good: it becomes a dead letter, or goes. */
  reject(entry: Entry): void {
    if (this.#unacked.delete(entry)) this.#die(entry, 'rejected');
  }

  /** It goes back to where it was. The caller pumps once all have gone back. */
  requeue(entry: Entry): void {
    if (!this.#unacked.delete(entry)) return;
    entry.redelivered = true;
    this.#ready.putBack(entry);
    this.#mayHaveExpired(entry);
  }

  /** Delivers as long as there are messages and consumers with room. */
  pump(): void {
    this.#pump(true);
  }

  /** What has just come may be delivered before anybody asks whether it has expired. */
  #pump(dropsExpired: boolean): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      if (dropsExpired) this.#dropExpired();
      while (this.#ready.count > 0) {
        const consumer = this.#rotation.next();
        const entry = consumer === undefined ? undefined : this.#take();
        if (consumer === undefined || entry === undefined) break;
        consumer.deliver(entry);
        this.#dropExpired();
      }
    } finally {
      this.#isPumping = false;
    }
    this.#dropOverflow();
  }

  /** Lets go of every message that waits; returns how many. */
  purge(): number {
    const { count } = this.#ready;
    for (let entry = this.#ready.take(); entry !== undefined; entry = this.#ready.take()) this.#drop(entry);
    return count;
  }

  /** Lets go of everything. Returns how many messages waited, and who consumed. */
  remove(): { readonly messages: number; readonly consumers: readonly Consumer[] } {
    this.#isGone = true;
    this.stopTimers();
    for (const entry of [...this.#unacked, ...this.#delayed.keys()]) this.#drop(entry);
    this.#unacked.clear();
    this.#delayed.clear();
    return { messages: this.purge(), consumers: this.#rotation.all() };
  }

  stopTimers(): void {
    this.#expiry.stop();
    this.#disuse.stop();
    for (const stop of this.#delayed.values()) stop();
  }

  /** Somebody used it: the time after which it goes unused starts again. */
  touch(): void {
    const { expiresMs } = this.settings;
    if (expiresMs === undefined || this.#isGone) return;
    this.#usedAtMs = this.#around.clock.epochMs();
    if (this.#rotation.size === 0 && !this.#disuse.isSet) this.#disuse.setAt(this.#usedAtMs + expiresMs);
  }

  #goIfUnused(): void {
    const { expiresMs = 0 } = this.settings;
    const atMs = this.#usedAtMs + expiresMs;
    if (atMs > this.#around.clock.epochMs()) this.#disuse.setAt(atMs);
    else this.#around.unused(this);
  }

  #enter(message: Message): void {
    const entry = this.#newEntry(message);
    this.#published += 1;
    this.#around.hold(message);
    if (entry.stored) this.#around.journal.insert(entry, this.name);
    const delayMs = this.#around.dice.delayMs();
    if (delayMs === 0) {
      this.#ready.add(entry);
      this.#arrived(entry);
      return;
    }
    const stop = this.#around.clock.after(delayMs, () => {
      this.#delayed.delete(entry);
      this.#ready.putBack(entry);
      this.#arrived(entry);
    });
    this.#delayed.set(entry, stop);
  }

  #newEntry(message: Message): Entry {
    const { messageTtlMs = Number.POSITIVE_INFINITY } = this.settings;
    const ttlMs = Math.min(messageTtlMs, message.expirationMs ?? Number.POSITIVE_INFINITY);
    const expiresAtMs = ttlMs === Number.POSITIVE_INFINITY ? undefined : this.#around.clock.epochMs() + ttlMs;
    this.#mayExpire ||= expiresAtMs !== undefined;
    return {
      message,
      position: this.#around.nextPosition(),
      expiresAtMs,
      stored: this.isStored && message.persistent,
      redelivered: false,
    };
  }

  #arrived(entry: Entry): void {
    // Alone, it goes to a consumer even with no time to wait; behind others it finds no consumer with room.
    this.#pump(this.#ready.count > 1);
    this.#mayHaveExpired(entry);
  }

  /** The entry to deliver next; the reorder fault may choose a later one. */
  #take(): Entry | undefined {
    const { dice } = this.#around;
    const entry = this.#ready.take(dice.strikes('reorder') ? dice.below(REORDER_AMONG) : 0);
    if (entry === undefined) return undefined;
    this.#unacked.add(entry);
    this.#delivered += 1;
    return entry;
  }

  /** The copy is made before the original goes. */
  #die(entry: Entry, reason: DeathReason): void {
    this.#around.deadLetter(entry.message, reason, this);
    this.#drop(entry);
  }

  #drop(entry: Entry): void {
    if (entry.stored) this.#around.journal.remove(entry);
    this.#around.release(entry.message);
  }

  /** No room for one more. */
  #isFullFor(message: Message): boolean {
    const { maxLength, maxLengthBytes } = this.settings;
    if (maxLength !== undefined && this.ready >= maxLength) return true;
    return maxLengthBytes !== undefined && this.readyBytes + message.body.length > maxLengthBytes;
  }

  #dropOverflow(): void {
    const { maxLength = Number.POSITIVE_INFINITY, maxLengthBytes = Number.POSITIVE_INFINITY } = this.settings;
    if (this.settings.overflow !== 'drop-head') return;
    while (this.ready > maxLength || this.readyBytes > maxLengthBytes) {
      const entry = this.#ready.take();
      if (entry === undefined) return;
      this.#die(entry, 'maxlen');
    }
  }

  /** As in RabbitMQ only what stands first expires: a message behind one that may wait longer waits with it. */
  #dropExpired(): void {
    if (!this.#mayExpire) return;
    const nowMs = this.#around.clock.epochMs();
    for (;;) {
      const entry = this.#ready.takeExpired(nowMs);
      if (entry === undefined) return;
      this.#die(entry, 'expired');
    }
  }

  #expire(): void {
    this.#dropExpired();
    this.#setExpiry();
  }

  #setExpiry(): void {
    const nextMs = this.#ready.nextExpiryMs();
    if (!this.#isGone && nextMs < this.#expiry.dueAtMs) this.#expiry.setAt(nextMs);
  }

  /** It has come, or come back: it may expire at once, or before all others. */
  #mayHaveExpired({ expiresAtMs }: Entry): void {
    if (expiresAtMs !== undefined) this.#expire();
  }
}

function isDeadLetter({ header }: Message): boolean {
  return headersOf(header)['x-death'] !== undefined;
}
