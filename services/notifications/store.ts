import {
  type Listed,
  listPage,
  type Migration,
  type Page,
  type Store,
  type Transaction,
} from '../kit/index.ts';
import type { Channel, Content, Data, Status } from './content.ts';
import { seededTemplates } from './seed.ts';

export interface NotificationRow {
  id: string;
  /** What it is about, for example the id of an event: one notification for each key, template and channel. */
  key: string;
  user_id: string;
  channel: Channel;
  /** Empty: there is none that could be one. */
  recipient: string;
  template: string;
  data: Data;
  /** As it was made from the template when it was asked for. */
  content: Content;
  status: Status;
  /** How often sending was begun. */
  attempts: number;
  last_error: string | null;
  /** Milliseconds since 1970; before it nothing is tried. */
  next_attempt_ms: number;
  /** Milliseconds since 1970; after it nothing more is tried. */
  give_up_ms: number;
  created_at: string;
  updated_at: string;
  sent_at: string | null;
}

type Stored = Omit<NotificationRow, 'data' | 'content'> & { data: string; content: string };

/** An attempt to send: its number is what tells it from an earlier one that came to no end. */
export interface Attempt {
  id: string;
  number: number;
}

/** The SQL of notifications. */
export interface NotificationStore {
  list(page: Page, where: Readonly<Record<string, string>>): Promise<Listed<NotificationRow>>;
  find(id: string): Promise<NotificationRow | undefined>;
  /** Inserts it, or answers the one that there is with its key, template and channel. */
  put(transaction: Transaction, row: NotificationRow): Promise<{ row: NotificationRow; isNew: boolean }>;
  /** Pending ones whose time has come, without `busy`, in the order in which they were asked for. */
  listDue(nowMs: number, limit: number, busy: readonly string[]): Promise<NotificationRow[]>;
  countPending(): Promise<number>;
  /** Begins the attempt, unless another has begun it; a second one may begin after `untilMs`. */
  begin(attempt: Attempt, times: { untilMs: number; now: string }): Promise<boolean>;
  /** Writes down how an attempt has ended, unless a later one has begun. */
  end(attempt: Attempt, change: Partial<Stored>): Promise<void>;
  /** From failed to pending; answers false when it has not failed. */
  revive(id: string, change: Partial<Stored>): Promise<boolean>;
}

export const notificationMigrations: readonly Migration[] = [
  {
    name: 'notifications-001-templates-and-notifications',
    up: async (database) => {
      await database.schema.createTable('templates', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('description').notNullable();
        table.text('channels').notNullable();
        table.text('created_at').notNullable();
        table.text('updated_at').notNullable();
      });
      await database.schema.createTable('notifications', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('key').notNullable();
        table.text('user_id').notNullable().index();
        table.text('channel').notNullable();
        table.text('recipient').notNullable();
        // No reference: a template may go, what was made from it stays.
        table.text('template').notNullable();
        table.text('data').notNullable();
        table.text('content').notNullable();
        table.text('status').notNullable();
        table.integer('attempts').notNullable();
        table.text('last_error');
        table.bigInteger('next_attempt_ms').notNullable();
        table.bigInteger('give_up_ms').notNullable();
        table.text('created_at').notNullable();
        table.text('updated_at').notNullable();
        table.text('sent_at');
        table.unique(['key', 'template', 'channel']);
        table.index(['status', 'next_attempt_ms']);
      });
    },
  },
  {
    name: 'notifications-002-templates-of-events',
    up: async (database) => {
      // A database from before lacks what events are told with; a new one is seeded as a whole.
      const some: { created_at: string } | undefined = await database('templates').first('created_at');
      if (some === undefined) return;
      const { created_at } = some;
      for (const { id, description, channels } of seededTemplates.filter((one) =>
        one.id.startsWith('order-'),
      )) {
        const row = {
          id,
          description,
          channels: JSON.stringify(channels),
          created_at,
          updated_at: created_at,
        };
        await database('templates').insert(row).onConflict('id').ignore();
      }
    },
  },
];

export function createNotificationStore({ read }: Store): NotificationStore {
  return {
    list: async (page, where) => {
      const { rows, total } = await listPage<Stored>(read, 'notifications', { ...page, where });
      return { rows: rows.map(toRow), total };
    },
    find: async (id) => {
      const row = await read<Stored>('notifications').where({ id }).first();
      return row === undefined ? undefined : toRow(row);
    },
    put: (transaction, row) => put(transaction, row),
    listDue: async (nowMs, limit, busy) => {
      const rows = await read<Stored>('notifications')
        .where({ status: 'pending' })
        .where('next_attempt_ms', '<=', nowMs)
        .whereNotIn('id', busy)
        .orderBy('seq')
        .limit(limit);
      return rows.map(toRow);
    },
    countPending: async () => {
      const [count] = await read('notifications').where({ status: 'pending' }).count({ total: '*' });
      return Number(count?.['total']);
    },
    begin: async ({ id, number }, { untilMs, now }) => {
      const mine = read('notifications').where({ id, status: 'pending', attempts: number - 1 });
      return (await mine.update({ attempts: number, next_attempt_ms: untilMs, updated_at: now })) === 1;
    },
    end: async ({ id, number }, change) => {
      await read('notifications').where({ id, status: 'pending', attempts: number }).update(change);
    },
    revive: async (id, change) =>
      (await read('notifications')
        .where({ id, status: 'failed' })
        .update({ ...change, status: 'pending' })) === 1,
  };
}

async function put(
  transaction: Transaction,
  row: NotificationRow,
): Promise<{ row: NotificationRow; isNew: boolean }> {
  const { key, template, channel } = row;
  const inserted: unknown[] = await transaction('notifications')
    .insert({ ...row, data: JSON.stringify(row.data), content: JSON.stringify(row.content) })
    .onConflict(['key', 'template', 'channel'])
    .ignore()
    .returning('id');
  if (inserted.length === 1) return { row, isNew: true };
  const there = await transaction<Stored>('notifications').where({ key, template, channel }).first();
  if (there === undefined) throw new Error('the notification is neither new nor there');
  return { row: toRow(there), isNew: false };
}

function toRow({ data, content, ...facts }: Stored): NotificationRow {
  return { ...facts, data: JSON.parse(data), content: JSON.parse(content) };
}
