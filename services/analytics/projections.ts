import { type ShopEvent, type Store, type Transaction, Unprocessable } from '../kit/index.ts';
import { type Contribution, contributionsOf, differenceOf, sums } from './contributions.ts';
import type { EventLog, LoggedEvent } from './event-log.ts';
import { type OrderMetric, orderMetricOf } from './order-metric.ts';
import type { Told } from './told.ts';

/** The event log and what follows from it. */
export interface Projections {
  /** Logs an event and brings the projections up to date; nothing happens for one that is logged already. */
  record(transaction: Transaction, event: ShopEvent<Told>): Promise<void>;
  /**
   * Throws the projections away and makes them anew from the log, in one transaction: whoever reads meanwhile waits, and
   * so do events. What comes out is what was there, unless the rules have changed since.
   */
  rebuild(): Promise<{ events: number; orders: number }>;
  /** The document of an order. */
  find(orderId: string): Promise<OrderMetric | undefined>;
}

interface ProjectionsParts {
  store: Store;
  log: EventLog;
}

/** How many orders are made anew before the next ones are looked for. */
const batch = 500;

const projected = ['order_metrics', 'user_sightings', ...Object.keys(sums)];

export function createProjections({ store, log }: ProjectionsParts): Projections {
  const refresh = async (transaction: Transaction, orderId: string) => {
    const before = await findMetric(transaction, orderId);
    const now = orderMetricOf(orderId, await log.ofOrder(transaction, orderId));
    await putMetric(transaction, orderId, now);
    const difference = differenceOf(contributionsOf(before), contributionsOf(now));
    for (const contribution of difference) await addUp(transaction, contribution);
  };
  return {
    find: (orderId) => findMetric(store.read, orderId),
    record: async (transaction, event) => {
      const logged = toLogged(event);
      if (!(await log.append(transaction, logged))) return;
      const { order_id, user_id, time } = logged;
      if (user_id !== null) await sight(transaction, user_id, time);
      if (order_id !== null) await refresh(transaction, order_id);
    },
    rebuild: () =>
      store.transaction(async (transaction) => {
        for (const table of projected) await transaction(table).delete();
        await sightAll(transaction);
        let orders = 0;
        let ids = await log.orderIds(transaction, '', batch);
        while (ids.length > 0) {
          for (const id of ids) await refresh(transaction, id);
          orders += ids.length;
          ids = await log.orderIds(transaction, ids.at(-1) ?? '', batch);
        }
        return { events: await log.count(transaction), orders };
      }),
  };
}

/** Throws `Unprocessable` for a time that no calendar day of four digits has. */
function toLogged({ id, type, subject, source, time, data }: ShopEvent<Told>): LoggedEvent {
  const at = new Date(time).toISOString();
  if (!/^(19|[2-9]\d)\d\d-/.test(at)) throw new Unprocessable('The time of the event is not of this age.');
  const { order_id = null, user_id = null } = data;
  return { id, type, subject, order_id, user_id, source, time: at, data };
}

async function findMetric(
  database: Store['read'] | Transaction,
  orderId: string,
): Promise<OrderMetric | undefined> {
  const row: { document: string } | undefined = await database('order_metrics')
    .where({ order_id: orderId })
    .first();
  return row === undefined ? undefined : JSON.parse(row.document);
}

async function putMetric(transaction: Transaction, orderId: string, metric: OrderMetric | undefined) {
  if (metric === undefined) return;
  await transaction('order_metrics')
    .insert({ order_id: orderId, document: JSON.stringify(metric) })
    .onConflict('order_id')
    .merge();
}

/** A row that has come to nothing goes, because without its order it would never have been there. */
async function addUp(transaction: Transaction, { table, key, amounts }: Contribution): Promise<void> {
  const added = Object.keys(amounts).map((column) => [
    column,
    transaction.raw('?? + excluded.??', [`${table}.${column}`, column]),
  ]);
  await transaction(table)
    .insert({ ...key, ...amounts })
    .onConflict(Object.keys(key))
    .merge(Object.fromEntries(added));
  const nothing = Object.fromEntries(sums[table].map((column) => [column, 0]));
  await transaction(table)
    .where({ ...key, ...nothing })
    .delete();
}

async function sight(transaction: Transaction, userId: string, time: string): Promise<void> {
  await transaction('user_sightings')
    .insert({ user_id: userId, last_seen: time })
    .onConflict('user_id')
    .merge()
    .where('user_sightings.last_seen', '<', time);
}

async function sightAll(transaction: Transaction): Promise<void> {
  const seen = transaction('events')
    .whereNotNull('user_id')
    .groupBy('user_id')
    .select('user_id')
    .max({ last_seen: 'time' });
  await transaction(transaction.raw('?? (??, ??)', ['user_sightings', 'user_id', 'last_seen'])).insert(seen);
}
