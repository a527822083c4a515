import { type Clock, formatMoney, type Listed, type Page, type Store, timestamp } from '../kit/index.ts';
import { formatNet } from './amounts.ts';
import type { EventLog } from './event-log.ts';
import { type Status, statuses } from './order-metric.ts';

/** What the projections say. Money is decimal text. */
export interface Numbers {
  /** How the shop does right now. */
  ofOrders(): Promise<OrderNumbers>;
  /** One entry for each day from `from` to `to`, both included, in UTC. */
  revenue(from: string, to: string): Promise<Revenue>;
  /** Users in the order of their ids; all, or the one that is named. */
  behavior(page: Page, userId: string | undefined): Promise<Listed<Behavior>>;
}

export interface OrderNumbers {
  orders: { total: number; by_status: Readonly<Record<Status, number>> };
  last_minute: { orders: number; payments: number; failed_payments: number; refunds: number };
  totals: Income;
}

interface Income {
  payments: number;
  refunds: number;
  processed: string;
  refunded: string;
  /** Processed minus refunded. */
  net: string;
}

export interface Revenue {
  days: ({ day: string } & Income)[];
  total: Income;
}

export interface Behavior {
  user_id: string;
  orders: number;
  /** Those of them for which a payment was processed. */
  paid_orders: number;
  /** What was paid and not given back. */
  spent: string;
  /** `spent` by `paid_orders`, rounded to the minor unit. */
  average: string;
  /** When the latest event happened that names the user. */
  last_seen: string;
  favorites: { product_id: string; quantity: number }[];
}

/** Most liked products that are told of a user. */
const favoritesTold = 5;

const dayMs = 24 * 60 * 60_000;

interface NumbersParts {
  store: Store;
  log: EventLog;
  clock: Clock;
}

export function createNumbers({ store: { read }, log, clock }: NumbersParts): Numbers {
  return {
    ofOrders: async () => {
      const counts: { status: string; orders: number | string }[] = await read('status_counts');
      const byStatus = new Map(counts.map(({ status, orders }) => [status, Number(orders)]));
      const now = timestamp(clock);
      const minute = await log.countByType(new Date(clock.now() - 60_000).toISOString(), now);
      const [total] = await read('revenue_days').sum(sumColumns);
      return {
        orders: {
          total: counts.reduce((sum, { orders }) => sum + Number(orders), 0),
          by_status: countsOf(byStatus),
        },
        last_minute: {
          orders: minute.get('order.created') ?? 0,
          payments: minute.get('payment.processed') ?? 0,
          failed_payments: minute.get('payment.failed') ?? 0,
          refunds: minute.get('payment.refunded') ?? 0,
        },
        totals: income(toDay({ day: '', ...total })),
      };
    },
    revenue: async (from, to) => {
      const rows: StoredDay[] = await read('revenue_days').whereBetween('day', [from, to]);
      const byDay = new Map(rows.map((row) => [row.day, toDay(row)]));
      const days = daysBetween(from, to);
      const known = days.map((day) => byDay.get(day) ?? toDay({ day }));
      return {
        days: known.map((row, index) => ({ day: days[index] ?? '', ...income(row) })),
        total: income(known.reduce(add, toDay({ day: '' }))),
      };
    },
    behavior: async (page, userId) => await listBehavior(read, page, userId),
  };
}

type Day = Record<'payments' | 'refunds' | 'processed' | 'refunded', number>;
type StoredDay = { day: string } & { [Column in keyof Day]?: number | string | null };

const sumColumns = { payments: 'payments', refunds: 'refunds', processed: 'processed', refunded: 'refunded' };

function toDay({ payments, refunds, processed, refunded }: StoredDay): Day {
  // PostgreSQL answers big integers as texts, and sums over nothing are null.
  const number = (value: number | string | null | undefined) => Number(value ?? 0);
  return {
    payments: number(payments),
    refunds: number(refunds),
    processed: number(processed),
    refunded: number(refunded),
  };
}

function add(a: Day, b: Day): Day {
  return {
    payments: a.payments + b.payments,
    refunds: a.refunds + b.refunds,
    processed: a.processed + b.processed,
    refunded: a.refunded + b.refunded,
  };
}

function income({ payments, refunds, processed, refunded }: Day): Income {
  return {
    payments,
    refunds,
    processed: formatMoney(processed),
    refunded: formatMoney(refunded),
    net: formatNet(processed - refunded),
  };
}

function countsOf(counts: ReadonlyMap<string, number>): Record<Status, number> {
  const zero = { created: 0, paid: 0, confirmed: 0, shipped: 0, cancelled: 0, refunded: 0, failed: 0 };
  for (const status of statuses) zero[status] = counts.get(status) ?? 0;
  return zero;
}

/** Every day from the first to the last, as `2026-01-31`. */
export function daysBetween(from: string, to: string): string[] {
  const first = Date.parse(from);
  const count = Math.round((Date.parse(to) - first) / dayMs) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    new Date(first + index * dayMs).toISOString().slice(0, 10),
  );
}

interface UserRow {
  user_id: string;
  last_seen: string;
  orders: number | string | null;
  paid_orders: number | string | null;
  spent: number | string | null;
}

async function listBehavior(read: Store['read'], page: Page, userId: string | undefined) {
  const where = userId === undefined ? {} : { 'user_sightings.user_id': userId };
  const rows: UserRow[] = await read('user_sightings')
    .leftJoin('user_numbers', 'user_numbers.user_id', 'user_sightings.user_id')
    .where(where)
    .orderBy('user_sightings.user_id')
    .limit(page.limit)
    .offset(page.offset)
    .select('user_sightings.user_id', 'last_seen', 'orders', 'paid_orders', 'spent');
  const [count] = await read('user_sightings').where(where).count({ total: '*' });
  const users: Behavior[] = [];
  for (const row of rows) users.push(behaviorOf(row, await favoritesOf(read, row.user_id)));
  return { rows: users, total: Number(count?.['total']) };
}

async function favoritesOf(read: Store['read'], userId: string): Promise<Behavior['favorites']> {
  const rows: { product_id: string; quantity: number | string }[] = await read('user_products')
    .where({ user_id: userId })
    .orderBy([{ column: 'quantity', order: 'desc' }, 'product_id'])
    .limit(favoritesTold);
  return rows.map(({ product_id, quantity }) => ({ product_id, quantity: Number(quantity) }));
}

function behaviorOf(row: UserRow, favorites: Behavior['favorites']): Behavior {
  const [orders, paid_orders, spent] = [row.orders, row.paid_orders, row.spent].map((value) =>
    Number(value ?? 0),
  );
  const paid = paid_orders ?? 0;
  const average = paid === 0 ? 0 : Math.round((spent ?? 0) / paid);
  return {
    user_id: row.user_id,
    orders: orders ?? 0,
    paid_orders: paid,
    spent: formatNet(spent ?? 0),
    average: formatNet(average),
    last_seen: row.last_seen,
    favorites,
  };
}
