import { type Message, newMessage } from '../core/message.ts';
import { readHeader } from '../wire/content-header.ts';
import type { JournalDatabase } from './database.ts';
import { type DefinitionRow, definitionOf } from './definitions.ts';
import type { Recovered } from './journal.ts';

interface EntryRow {
  readonly position: number;
  readonly queue: string;
  readonly expires_at_ms: number | null;
  readonly id: number;
  readonly exchange: string;
  readonly routing_key: string;
  readonly header: Buffer;
  readonly body_bytes: number;
}

/** Rows that are read at once. */
const PAGE = 2_000;

/** Reads what an earlier run left. What it delivered is not known, so every message counts as possibly delivered. */
export async function recover(database: JournalDatabase): Promise<Recovered> {
  const definitions = await database.all<DefinitionRow>('SELECT kind, key, value FROM definitions');
  const messages = new Map<number, Message>();
  const entries: Recovered['entries'][number][] = [];
  for (let last = -1; ; ) {
    const rows = await database.all<EntryRow>(
      `SELECT position, queue, expires_at_ms, id, exchange, routing_key, header, length(body) AS body_bytes
       FROM entries JOIN messages ON id = message WHERE position > ? ORDER BY position LIMIT ${PAGE}`,
      [last],
    );
    for (const row of rows) entries.push({ queue: row.queue, entry: entryOf(row, messages) });
    const lastRow = rows.at(-1);
    if (lastRow === undefined) break;
    last = lastRow.position;
  }
  return { definitions: definitions.map(definitionOf), entries };
}

function entryOf(row: EntryRow, messages: Map<number, Message>): Recovered['entries'][number]['entry'] {
  const message = messages.get(row.id) ?? messageOf(row);
  messages.set(row.id, message);
  message.storedHolders += 1;
  return {
    message,
    position: row.position,
    expiresAtMs: row.expires_at_ms ?? undefined,
    stored: true,
    redelivered: true,
  };
}

/** Bodies stay where they are until their turn comes: there may be more of them than memory. */
function messageOf({
  id,
  exchange,
  routing_key: routingKey,
  header,
  body_bytes: bodyBytes,
}: EntryRow): Message {
  const { priority, expiration } = readHeader(header);
  const expirationMs = expiration === undefined ? undefined : Number(expiration);
  const message = newMessage({
    exchange,
    routingKey,
    header,
    body: undefined,
    bodyBytes,
    persistent: true,
    priority,
    expirationMs,
  });
  message.id = id;
  return message;
}
