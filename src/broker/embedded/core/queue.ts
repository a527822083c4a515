import type { BrokerClock } from '../clock.ts';
import type { FaultDice } from '../faults.ts';
import type { Journal, QueueDefinition } from '../journal/journal.ts';
import { headersOf } from '../wire/content-header.ts';
import { BodyReader } from './body-reader.ts';
import type { DeathReason } from './dead-letter.ts';
import { Disuse } from './disuse.ts';
import { Dying } from './dying.ts';
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
  readBodies(messages: readonly Message[], done: () => void): void;
  /** Nobody uses the queue any more, and it was declared to go then. */
  unused(queue: Queue): void;
}

/** How far the reorder fault reaches. */
const REORDER_AMONG = 16;

/**
 * A queue: entries in order, who takes them, and the limits it was declared with. Longer than other files because every
 * way of an entry between waiting, delivered and gone is here, where one can see that none is lost between them.
 */
export class Queue {
  readonly definition: QueueDefinition;
  readonly settings: QueueSettings;
  /** The connection that an exclusive queue belongs to. */
  readonly owner: object | undefined;
  readonly #around: QueueSurroundings;
  readonly #rotation: Rotation;
  readonly #ready: ReadyEntries;
  readonly #bodies: BodyReader;
  readonly #unacked = new Set<Entry>();
  /** Held back by the delay fault, with how to stop waiting. */
  readonly #delayed = new Map<Entry, () => void>();
  readonly #dying: Dying;
  readonly #disuse: Disuse;
  #published = 0;
  #delivered = 0;
  #acked = 0;
  #isPumping = false;
  #isGone = false;

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
    const readBodies = (messages: readonly Message[], done: () => void) => around.readBodies(messages, done);
    this.#bodies = new BodyReader(this.#ready, readBodies, () => this.#resume());
    this.#dying = new Dying({
      settings,
      clock: around.clock,
      ready: this.#ready,
      bodies: this.#bodies,
      deadLetter: (message, reason) => around.deadLetter(message, reason, this),
      drop: (entry) => this.#drop(entry),
    });
    this.#disuse = new Disuse(around.clock, settings.expiresMs, () => around.unused(this));
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
    this.#ready.add(entry);
    // Not looked at before everything is back: a dead letter would come before what is older.
    this.#dying.watch(entry);
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

  /** Runs `then` as soon as the first message can be taken, or there is none: mostly at once. */
  whenReadable(then: () => void): void {
    this.touch();
    this.#dying.dropExpired();
    this.#bodies.whenFirstIsThere(then);
  }

  /** Takes the first message without being a consumer. It counts as unacked until it is settled. */
  get(): Entry | undefined {
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
    if (!this.#unacked.has(entry)) return;
    if (this.#dying.canDie(entry)) {
      this.#unacked.delete(entry);
      this.#dying.die(entry, 'rejected');
    } else {
      this.#around.readBodies([entry.message], () => this.reject(entry));
    }
  }

  /** It goes back to where it was. The caller pumps once all have gone back. */
  requeue(entry: Entry): void {
    if (!this.#unacked.delete(entry)) return;
    entry.redelivered = true;
    this.#ready.putBack(entry);
    this.#dying.watch(entry);
    this.#dying.expire();
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
      if (dropsExpired) this.#dying.dropExpired();
      while (this.#ready.count > 0 && this.#isFirstDeliverable()) {
        const consumer = this.#rotation.next();
        const entry = consumer === undefined ? undefined : this.#take();
        if (consumer === undefined || entry === undefined) break;
        consumer.deliver(entry);
        this.#dying.dropExpired();
      }
    } finally {
      this.#isPumping = false;
    }
    this.#dying.dropOverflow();
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
    this.#dying.stop();
    this.#disuse.stop();
    for (const stop of this.#delayed.values()) stop();
  }

  /** Somebody used it: the time after which it goes unused starts again. */
  touch(): void {
    if (!this.#isGone) this.#disuse.used(this.#rotation.size > 0);
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
    this.#dying.watch(entry);
    this.#dying.expire();
  }

  /** The entry to deliver next; the reorder fault may choose a later one. */
  #take(): Entry | undefined {
    const { dice } = this.#around;
    const entry = this.#ready.take(
      dice.strikes('reorder') ? this.#indexInMemory(dice.below('reorder', REORDER_AMONG)) : 0,
    );
    if (entry === undefined) return undefined;
    this.#unacked.add(entry);
    this.#delivered += 1;
    return entry;
  }

  /** That far behind the first, or as far as everything is in memory. */
  #indexInMemory(wanted: number): number {
    let index = 0;
    for (const { message } of this.#ready.upcoming()) {
      if (message.body === undefined) return Math.max(0, index - 1);
      if (index === wanted) return index;
      index += 1;
    }
    return index;
  }

  /** Has the first message read when it is not in memory and somebody would take it. */
  #isFirstDeliverable(): boolean {
    return this.#rotation.anyHasRoom() && this.#bodies.has(this.#ready.first());
  }

  /** What has been waited for is in memory now. */
  #resume(): void {
    if (this.#isGone) return;
    this.pump();
    this.#dying.expire();
  }

  #drop(entry: Entry): void {
    if (entry.stored) this.#around.journal.remove(entry);
    this.#around.release(entry.message);
  }

  /** No room for one more. */
  #isFullFor(message: Message): boolean {
    const { maxLength, maxLengthBytes } = this.settings;
    if (maxLength !== undefined && this.ready >= maxLength) return true;
    return maxLengthBytes !== undefined && this.readyBytes + message.bodyBytes > maxLengthBytes;
  }
}

function isDeadLetter({ header }: Message): boolean {
  return headersOf(header)['x-death'] !== undefined;
}
