import type { Listed, Migration, Page, Store, Transaction } from '../kit/index.ts';
import type { MailFacts } from './parse.ts';

/** What a list tells of a message. */
export interface SummaryRow extends Pick<MailFacts, 'message_id' | 'sender' | 'recipients' | 'subject'> {
  id: string;
  /** Bytes of the raw message. */
  size: number;
  /** How often it was received. */
  copies: number;
  received_at: string;
}

export interface MailRow
  extends SummaryRow,
    Pick<MailFacts, 'sent_at' | 'text' | 'html' | 'headers' | 'attachments'> {
  envelope_from: string;
}

type NewMail = MailFacts & Omit<MailRow, 'copies'>;

/** Parts of texts, in any case, that a message must have; `q` in any of sender, recipients, subject and text. */
export interface Search {
  q?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  subject?: string | undefined;
}

/** The SQL of the mail service. */
export interface MailStore {
  /** Inserts a message, or counts it when a copy is there; answers what is there now. */
  put(transaction: Transaction, mail: NewMail, raw: Buffer): Promise<{ id: string; copies: number }>;
  /** Drops all but the newest `keep`. */
  trim(transaction: Transaction, keep: number): Promise<void>;
  list(page: Page, search: Search): Promise<Listed<SummaryRow>>;
  find(id: string): Promise<MailRow | undefined>;
  findRaw(id: string): Promise<Buffer | undefined>;
  remove(id: string): Promise<boolean>;
  clear(): Promise<number>;
}

export const mailMigrations: readonly Migration[] = [
  {
    name: 'mail-001-messages',
    up: async (database) => {
      await database.schema.createTable('messages', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('fingerprint').unique();
        table.text('message_id');
        table.text('envelope_from').notNullable();
        table.text('sender').notNullable();
        table.text('recipients').notNullable();
        table.text('subject').notNullable();
        table.text('sent_at');
        table.text('received_at').notNullable();
        table.integer('size').notNullable();
        table.integer('copies').notNullable();
        table.text('headers').notNullable();
        table.text('attachments').notNullable();
        // Folded to lower case here, because databases disagree about the case of letters beyond ASCII.
        table.text('folded_from').notNullable();
        table.text('folded_to').notNullable();
        table.text('folded_subject').notNullable();
        table.text('folded_text').notNullable();
        table.text('text');
        table.text('html');
        table.binary('raw').notNullable();
      });
    },
  },
];

const summaryColumns = [
  'id',
  'message_id',
  'sender',
  'recipients',
  'subject',
  'size',
  'copies',
  'received_at',
];
const columns = [...summaryColumns, 'envelope_from', 'sent_at', 'text', 'html', 'headers', 'attachments'];

type Stored<Row> = Omit<Row, 'recipients' | 'headers' | 'attachments'> & { recipients: string };
type StoredMail = Stored<MailRow> & { headers: string; attachments: string };

export function createMailStore({ read }: Store): MailStore {
  const matching = (search: Search) => {
    const { sql, bindings } = conditionOf(search);
    return read('messages').whereRaw(sql, bindings);
  };
  return {
    put: (transaction, mail, raw) => put(transaction, mail, raw),
    trim: async (transaction, keep) => {
      const firstTooMany = transaction('messages').select('seq').orderBy('seq', 'desc').offset(keep).limit(1);
      await transaction('messages').where('seq', '<=', firstTooMany).delete();
    },
    list: async ({ limit, offset }, search) => {
      // Counted first: who waits until there is one finds it, though it came between the two questions.
      const [count] = await matching(search).count({ total: '*' });
      const found: Stored<SummaryRow>[] = await matching(search)
        .select(summaryColumns)
        .orderBy('seq', 'desc')
        .limit(limit)
        .offset(offset);
      const rows = found.map((row) => ({ ...row, recipients: JSON.parse(row.recipients) }));
      return { rows, total: Number(count?.['total']) };
    },
    find: async (id) => {
      const row: StoredMail | undefined = await read('messages').select(columns).where({ id }).first();
      if (row === undefined) return undefined;
      const { recipients, headers, attachments, ...facts } = row;
      const parsed = { recipients: JSON.parse(recipients), headers: JSON.parse(headers) };
      return { ...facts, ...parsed, attachments: JSON.parse(attachments) };
    },
    findRaw: async (id) => {
      const row: { raw: Buffer } | undefined = await read('messages').select('raw').where({ id }).first();
      return row?.raw;
    },
    remove: async (id) => (await read('messages').where({ id }).delete()) === 1,
    clear: async () => await read('messages').delete(),
  };
}

async function put(
  transaction: Transaction,
  { recipients, headers, attachments, ...facts }: NewMail,
  raw: Buffer,
): Promise<{ id: string; copies: number }> {
  const rows: { id: string; copies: number }[] = await transaction('messages')
    .insert({
      ...facts,
      recipients: JSON.stringify(recipients),
      headers: JSON.stringify(headers),
      attachments: JSON.stringify(attachments),
      folded_from: fold(`${facts.sender}\n${facts.envelope_from}`),
      folded_to: fold(recipients.join('\n')),
      folded_subject: fold(facts.subject),
      folded_text: fold(facts.text ?? facts.html ?? ''),
      copies: 1,
      raw,
    })
    .onConflict('fingerprint')
    .merge({ copies: transaction.raw('messages.copies + 1') })
    .returning(['id', 'copies']);
  const [kept] = rows;
  if (kept === undefined) throw new Error('the inserted message did not come back');
  return kept;
}

const fold = (text: string) => text.normalize('NFC').toLowerCase();

const everywhere = ['folded_from', 'folded_to', 'folded_subject', 'folded_text'];

function conditionOf(search: Search): { sql: string; bindings: string[] } {
  const wanted: [readonly string[], string | undefined][] = [
    [everywhere, search.q],
    [['folded_from'], search.from],
    [['folded_to'], search.to],
    [['folded_subject'], search.subject],
  ];
  const parts = wanted.flatMap(([among, part]) => {
    if (part === undefined) return [];
    // A "%" or "_" in the question means itself.
    const pattern = `%${fold(part).replaceAll(/[!%_]/g, '!$&')}%`;
    const sql = among.map((column) => `${column} like ? escape '!'`).join(' or ');
    return [{ sql: `(${sql})`, bindings: among.map(() => pattern) }];
  });
  return {
    sql: ['1 = 1', ...parts.map(({ sql }) => sql)].join(' and '),
    bindings: parts.flatMap(({ bindings }) => bindings),
  };
}
