import { messageOf, ShopctlError } from '../../../errors/index.ts';
import { deferred } from '../../../lib/deferred.ts';
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

/**
 * Opens the journal in a SQLite file. `onWritten` is called with the messages that have just reached the disk.
 * @throws ShopctlError `dependency-missing`, `journal-locked`, `journal-unusable`
 */
export async function openJournal(
  file: string,
  onWritten: (messages: Iterable<Message>) => void,
  open: (file: string) => Promise<JournalDatabase> = openDatabase,
): Promise<OpenJournal> {
  const database = await open(file);
  try {
    const recovered = await recover(database);
    const journal = new SqliteJournal(file, database, onWritten);
    return { journal, recovered, failure: journal.failure };
  } catch (error) {
    await database.close();
    throw cannotBeUsed(file, error);
  }
}

/**
 * Group commit: while one batch is on its way to the disk, the next one gathers. The slower the disk, the larger the
 * batches, so that waiting for the disk costs each message the less the more there are.
 */
class SqliteJournal implements Journal {
  readonly #file: string;
  readonly #database: JournalDatabase;
  readonly #onWritten: (messages: Iterable<Message>) => void;
  readonly #failure = deferred<ShopctlError>();
  #gathering = new Batch();
  #writing: Batch | undefined;
  #isScheduled = false;
  #hasFailed = false;

  constructor(file: string, database: JournalDatabase, onWritten: (messages: Iterable<Message>) => void) {
    this.#file = file;
    this.#database = database;
    this.#onWritten = onWritten;
  }

  get failure(): Promise<ShopctlError> {
    return this.#failure.promise;
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

  whenFlushed(done: () => void): void {
    // With nothing to write, a message that came and went in one batch included, there is nothing to wait for but what
    // is being written: answers keep the order of what they answer.
    if (!this.#gathering.isEmpty || this.#gathering.callbacks.length > 0)
      this.#gathering.callbacks.push(done);
    else if (this.#writing !== undefined) this.#writing.callbacks.push(done);
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
    while ((this.#writing !== undefined || !this.#isIdle) && !this.#hasFailed) {
      await new Promise<void>((resolve) => this.whenFlushed(resolve));
    }
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
      void this.#write();
    });
  }

  async #write(): Promise<void> {
    const batch = this.#gathering;
    this.#writing = batch;
    this.#gathering = new Batch();
    try {
      await batch.write(this.#database);
    } catch (error) {
      this.#writing = undefined;
      this.#fail(error);
      return;
    }
    this.#writing = undefined;
    for (const done of batch.callbacks) done();
    this.#onWritten(batch.messages());
    if (!this.#isIdle) this.#schedule();
  }
}

function cannotBeUsed(file: string, error: unknown): ShopctlError {
  if (error instanceof ShopctlError) return error;
  return new ShopctlError('journal-unusable', {
    message: `the journal ${file} cannot be used: ${messageOf(error)}`,
    cause: error,
  });
}
