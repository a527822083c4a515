import { type Listed, listPage, type Page, type Store, type Transaction } from '../kit/index.ts';
import type { Told } from './told.ts';

/** An event as it is kept. */
export interface LoggedEvent {
  id: string;
  type: string;
  subject: string;
  /** Null for what is about no order. */
  order_id: string | null;
  user_id: string | null;
  source: string;
  /** When it happened: RFC 3339 in UTC with milliseconds, so that texts sort as times do. */
  time: string;
  data: Told;
}

type Stored = Omit<LoggedEvent, 'data'> & { data: string; seq: number };

/** The SQL of the event log, to which rows are only ever added. */
export interface EventLog {
  /** Whether the event is new. */
  append(transaction: Transaction, event: LoggedEvent): Promise<boolean>;
  ofOrder(transaction: Transaction, orderId: string): Promise<LoggedEvent[]>;
  /** Order ids above `after`, in the order of the database. */
  orderIds(transaction: Transaction, after: string, limit: number): Promise<string[]>;
  count(transaction: Transaction): Promise<number>;
  list(page: Page, where: Readonly<Record<string, string>>): Promise<Listed<LoggedEvent>>;
  /** How many events of each type happened after `from`, until `to`. */
  countByType(from: string, to: string): Promise<ReadonlyMap<string, number>>;
}

export function createEventLog({ read }: Store): EventLog {
  return {
    append: async (transaction, { data, ...event }) => {
      const rows: unknown[] = await transaction('events')
        .insert({ ...event, data: JSON.stringify(data) })
        .onConflict('id')
        .ignore()
        .returning('id');
      return rows.length === 1;
    },
    ofOrder: async (transaction, orderId) =>
      (await transaction<Stored>('events').where({ order_id: orderId })).map(toEvent),
    orderIds: async (transaction, after, limit) =>
      await transaction('events')
        .where('order_id', '>', after)
        .distinct('order_id')
        .orderBy('order_id')
        .limit(limit)
        .pluck('order_id'),
    count: async (transaction) => {
      const [count] = await transaction('events').count({ total: '*' });
      return Number(count?.['total']);
    },
    list: async (page, where) => {
      const { rows, total } = await listPage<Stored>(read, 'events', { ...page, where });
      return { rows: rows.map(toEvent), total };
    },
    countByType: async (from, to) => {
      const rows: { type: string; total: number | string }[] = await read('events')
        .where('time', '>', from)
        .where('time', '<=', to)
        .groupBy('type')
        .select('type')
        .count({ total: '*' });
      return new Map(rows.map(({ type, total }) => [type, Number(total)]));
    },
  };
}

function toEvent({ id, type, subject, order_id, user_id, source, time, data }: Stored): LoggedEvent {
  return { id, type, subject, order_id, user_id, source, time, data: JSON.parse(data) };
}
