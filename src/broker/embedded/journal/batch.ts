import { bodyOf, type Entry, type Message } from '../core/message.ts';
import type { JournalDatabase } from './database.ts';
import { type DefinitionRow, rowOf } from './definitions.ts';
import type { Definition } from './journal.ts';

/** What a row costs besides the message, about. */
const ROW_BYTES = 64;

/** What is written to the journal together. An entry that comes and goes within it never reaches the disk. */
export class Batch {
  /** By kind and key: only the last word on each counts. */
  readonly #definitions = new Map<string, { readonly row: DefinitionRow; readonly isGone: boolean }>();
  readonly #messages = new Map<number, Message>();
  readonly #entries = new Map<number, { readonly entry: Entry; readonly queue: string }>();
  readonly #removedMessages: number[] = [];
  readonly #removedEntries: number[] = [];
  /** Whom to tell once all of it is on disk, or that there is no room for it. */
  callbacks: { readonly done: () => void; readonly onFull: (() => void) | undefined }[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    const changes = this.#definitions.size + this.#entries.size + this.#removedEntries.length;
    return changes + this.#removedMessages.length === 0;
  }

  /** Those that it writes. */
  messages(): Iterable<Message> {
    return this.#messages.values();
  }

  define(definition: Definition, isGone: boolean): void {
    const row = rowOf(definition);
    this.#definitions.set(`${row.kind} ${row.key}`, { row, isGone });
    this.#bytes += ROW_BYTES + row.value.length;
  }

  insert(entry: Entry, queue: string): void {
    const { message } = entry;
    if (message.storedHolders === 0) {
      this.#messages.set(message.id, message);
      this.#bytes += sizeOf(message);
    }
    message.storedHolders += 1;
    this.#entries.set(entry.position, { entry, queue });
    this.#bytes += ROW_BYTES;
  }

  remove({ position, message }: Entry): void {
    message.storedHolders -= 1;
    if (this.#entries.delete(position)) this.#bytes -= ROW_BYTES;
    else this.#removedEntries.push(position);
    if (message.storedHolders > 0) return;
    if (this.#messages.delete(message.id)) this.#bytes -= sizeOf(message);
    else this.#removedMessages.push(message.id);
  }

  /** Writes all of it in one transaction. When that fails, nothing is written, and it can be tried again. */
  async write(database: JournalDatabase): Promise<void> {
    if (this.isEmpty) return;
    await database.run('BEGIN');
    try {
      // One by one: a full disk may end the transaction, and what came after that would be a transaction of its own.
      for (const [sql, parameters] of this.#statements()) await database.run(sql, parameters);
      await database.run('COMMIT');
    } catch (error) {
      await database.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Rows travel as one blob and one JSON text per table, which is many times faster than a statement per row. */
  *#statements(): Generator<Statement> {
    for (const { row, isGone } of this.#definitions.values()) {
      yield isGone
        ? ['DELETE FROM definitions WHERE kind = ? AND key = ?', [row.kind, row.key]]
        : ['REPLACE INTO definitions VALUES (?, ?, ?)', [row.kind, row.key, row.value]];
    }
    if (this.#messages.size > 0) yield this.#insertMessages();
    if (this.#entries.size > 0) yield this.#insertEntries();
    if (this.#removedEntries.length > 0) yield removeRows('entries', 'position', this.#removedEntries);
    if (this.#removedMessages.length > 0) yield removeRows('messages', 'id', this.#removedMessages);
  }

  #insertMessages(): Statement {
    const blobs: Buffer[] = [];
    const rows: unknown[] = [];
    // SQL counts from one.
    let offset = 1;
    for (const message of this.#messages.values()) {
      const { id, exchange, routingKey, header } = message;
      const body = bodyOf(message);
      blobs.push(header, body);
      const bodyAt = offset + header.length;
      rows.push([id, exchange, routingKey, offset, header.length, bodyAt, body.length]);
      offset = bodyAt + body.length;
    }
    return [
      `INSERT INTO messages SELECT value->>0, value->>1, value->>2, substr(?1, value->>3, value->>4),
         substr(?1, value->>5, value->>6) FROM json_each(?2)`,
      [Buffer.concat(blobs), JSON.stringify(rows)],
    ];
  }

  #insertEntries(): Statement {
    const rows = [...this.#entries.values()].map(({ entry, queue }) => [
      entry.position,
      queue,
      entry.message.id,
      entry.expiresAtMs ?? null,
    ]);
    return [
      'INSERT INTO entries SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(?)',
      [JSON.stringify(rows)],
    ];
  }
}

/** SQL with its parameters. */
type Statement = readonly [sql: string, parameters: readonly unknown[]];

function removeRows(
  table: 'entries' | 'messages',
  key: 'position' | 'id',
  keys: readonly number[],
): Statement {
  return [`DELETE FROM ${table} WHERE ${key} IN (SELECT value FROM json_each(?))`, [JSON.stringify(keys)]];
}

function sizeOf({ header, bodyBytes }: Message): number {
  return ROW_BYTES + header.length + bodyBytes;
}
