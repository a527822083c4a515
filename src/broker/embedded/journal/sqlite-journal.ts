import { messageOf, ShopctlError } from '../../../errors/index.ts';
import { deferred } from '../../../lib/deferred.ts';
import { type BrokerClock, systemClock } from '../clock.ts';
import type { Entry, Message } from '../core/message.ts';
import { Batch } from './batch.ts';
import { type JournalDatabase, openDatabase } from './database.ts';
import type { Definition, Journal, Recovered } from './journal.ts';
import { recover } from './recover.ts';

export interface OpenJournal {
  readonly journal: Journal;
  /** What an earlier run left. */
  readonly recovered: Recovered;
  /** Settles when writing has failed: nothing more reaches the disk, and nothing that waits for it is answered. */
  readonly failure: Promise<ShopctlError>;
}

export interface JournalOptions {
  /** Called with the messages that have just reached the disk. */
  readonly onWritten?: (messages: Iterable<Message>) => void;
  readonly open?: (file: string) => Promise<JournalDatabase>;
  readonly clock?: BrokerClock;
  readonly warn?: (sentence: string) => void;
}

/** How long a full disk is left alone before the next attempt to write. */
const RETRY_MS = 200;

/**
 * Opens the journal in a SQLite file.
 * @throws ShopctlError `dependency-missing`, `journal-locked`, `journal-unusable`
 */
export async function openJournal(file: string, options: JournalOptions = {}): Promise<OpenJournal> {
  const { open = openDatabase } = options;
  const database = await open(file);
  try {
    const recovered = await recover(database);
    const journal = new SqliteJournal(file, database, options);
    return { journal, recovered, failure: journal.failure };
  } catch (error) {
    await database.close();
    throw cannotBeUsed(file, error);
  }
}

/**
 * Group commit: while one batch is on its way to the disk, the next one gathers. The slower the disk, the larger the
 * batches, so that waiting for the disk costs each message the less the more there are. A full disk is waited for: who
 * was to be answered is told so, and nothing is forgotten of what has happened meanwhile.
 */
class SqliteJournal implements Journal {
  readonly #file: string;
  readonly #database: JournalDatabase;
  readonly #options: JournalOptions;
  readonly #failure = deferred<ShopctlError>();
  #gathering = new Batch();
  #writing: Batch | undefined;
  #isScheduled = false;
  #hasFailed = false;
  #isFull = false;
  #isClosed = false;
  #stopRetry: () => void = () => undefined;
  /** The latest one to write; it never rejects. */
  #attempt: Promise<void> = Promise.resolve();

  constructor(file: string, database: JournalDatabase, options: JournalOptions) {
    this.#file = file;
    this.#database = database;
    this.#options = options;
  }

  get failure(): Promise<ShopctlError> {
    return this.#failure.promise;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  get waitingBytes(): number {
    return this.#gathering.bytes + (this.#writing?.bytes ?? 0);
  }

  define(definition: Definition): void {
    this.#gathering.define(definition, false);
    this.#schedule();
  }

  forget(definition: Definition): void {
    this.#gathering.define(definition, true);
    this.#schedule();
  }

  insert(entry: Entry, queue: string): void {
    this.#gathering.insert(entry, queue);
    this.#schedule();
  }

  remove(entry: Entry): void {
    this.#gathering.remove(entry);
    this.#schedule();
  }

  whenFlushed(done: () => void, onFull?: () => void): void {
    const callback = { done, onFull };
    if (this.#isFull && onFull !== undefined) {
      onFull();
      return;
    }
    // With nothing to write, a message that came and went in one batch included, there is nothing to wait for but what
    // is being written: answers keep the order of what they answer.
    if (!this.#gathering.isEmpty || this.#gathering.callbacks.length > 0)
      this.#gathering.callbacks.push(callback);
    else if (this.#writing !== undefined) this.#writing.callbacks.push(callback);
    else if (!this.#hasFailed) done();
  }

  readBodies(messages: readonly Message[], done: (bodies: ReadonlyMap<number, Buffer>) => void): void {
    const ids = JSON.stringify(messages.map(({ id }) => id));
    const sql = 'SELECT id, body FROM messages WHERE id IN (SELECT value FROM json_each(?))';
    this.#database.all<{ id: number; body: Buffer }>(sql, [ids]).then(
      (rows) => done(new Map(rows.map(({ id, body }) => [id, body]))),
      (error: unknown) => this.#fail(error),
    );
  }

  async close(): Promise<void> {
    while ((this.#writing !== undefined || !this.#isIdle) && !this.#hasFailed && !this.#isFull) {
      const settled = new Promise<void>((resolve) => this.whenFlushed(resolve, resolve));
      // Whoever waits for what cannot be written any more is not answered.
      await Promise.race([settled, this.failure]);
    }
    this.#isClosed = true;
    this.#stopRetry();
    await this.#attempt;
    if (this.#isFull) this.#warn('could not be written to its end: what was not confirmed is lost');
    await this.#database.close();
  }

  #fail(error: unknown): void {
    this.#hasFailed = true;
    this.#failure.resolve(cannotBeUsed(this.#file, error));
  }

  get #isIdle(): boolean {
    return this.#gathering.isEmpty && this.#gathering.callbacks.length === 0;
  }

  /** Begins when this turn of the event loop is over, to take along what it brings. */
  #schedule(): void {
    if (this.#isScheduled || this.#writing !== undefined || this.#hasFailed) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const batch = this.#gathering;
      this.#writing = batch;
      this.#gathering = new Batch();
      this.#attempt = this.#write(batch);
    });
  }

  async #write(batch: Batch): Promise<void> {
    try {
      await batch.write(this.#database);
    } catch (error) {
      if (isDiskFull(error)) {
        this.#waitForSpace(batch);
        return;
      }
      this.#writing = undefined;
      this.#fail(error);
      return;
    }
    if (this.#isFull) this.#warn('is written again');
    this.#isFull = false;
    this.#writing = undefined;
    for (const { done } of batch.callbacks) done();
    this.#options.onWritten?.(batch.messages());
    if (!this.#isIdle) this.#schedule();
  }

  /** Tells those who can be told, keeps the batch, and tries again after a while. */
  #waitForSpace(batch: Batch): void {
    if (this.#isClosed) return;
    if (!this.#isFull)
      this.#warn('cannot be written: the disk is full. Nothing is confirmed until there is room');
    this.#isFull = true;
    const { clock = systemClock } = this.#options;
    this.#stopRetry = clock.after(RETRY_MS, () => {
      this.#attempt = this.#write(batch);
    });
    for (const waiting of [batch, this.#gathering]) {
      const refused = waiting.callbacks;
      waiting.callbacks = refused.filter(({ onFull }) => onFull === undefined);
      for (const { onFull } of refused) onFull?.();
    }
  }

  #warn(what: string): void {
    this.#options.warn?.(`the journal ${this.#file} ${what}`);
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_FULL';
}

function cannotBeUsed(file: string, error: unknown): ShopctlError {
  if (error instanceof ShopctlError) return error;
  return new ShopctlError('journal-unusable', {
    message: `the journal ${file} cannot be used: ${messageOf(error)}`,
    cause: error,
  });
}
