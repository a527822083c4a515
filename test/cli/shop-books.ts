import { join } from 'node:path';
import knex, { type Knex } from 'knex';

// The books of the shop after many customers at once, read from the services' own databases: orders as `main`,
// `inventory` and `payments` beside it. Each audit lists what must not be, so that a good shop answers with nothing.

const SETTLED = {
  'checkouts that are not over': `select order_id, step, verdict, attempts from checkouts where step <> 'done'`,
  'orders in an intermediate state': `select id, status from orders where status in ('created', 'reserved', 'paid')`,
  'payments that are not over': `select id, status from payments.payments where status in ('pending', 'refunding')`,
};

const LINES = `
  select o.id as order_id, o.status, json_extract(line.value, '$.product_id') as product_id,
         json_extract(line.value, '$.quantity') as quantity
  from orders o, json_each(o.items) line`;

const STOCK = {
  'stock that is below zero': `
    select product_id, available, reserved, sold from inventory.stock where min(available, reserved, sold) < 0`,
  'pieces that appeared or vanished': `
    select s.product_id, f.pieces as before, s.available + s.reserved + s.sold as after
    from inventory.stock s join temp.stock_before f on f.product_id = s.product_id
    where s.available + s.reserved + s.sold <> f.pieces`,
  'pieces sold that are in no confirmed order, or the other way round': `
    select s.product_id, s.sold, coalesce(sum(l.quantity), 0) as ordered
    from inventory.stock s left join (${LINES}) l on l.product_id = s.product_id and l.status = 'confirmed'
    group by s.product_id having s.sold <> ordered`,
  'pieces that are still reserved': `select product_id, reserved from inventory.stock where reserved <> 0`,
  'reservations kept by orders that are off': `
    select o.id, o.status, r.status as reservation from orders o join inventory.reservations r on r.order_id = o.id
    where o.status in ('failed', 'cancelled', 'refunded') and r.status in ('reserved', 'confirmed')`,
  'confirmed orders without their stock': `
    select o.id from orders o left join inventory.reservations r on r.order_id = o.id and r.status = 'confirmed'
    where o.status = 'confirmed' and r.order_id is null`,
  'reservations of no order': `
    select r.order_id from inventory.reservations r left join orders o on o.id = r.order_id where o.id is null`,
};

/** A payment of the service and the entry of the card company for it. */
const PAID = `
  select p.id, p.order_id, p.amount, p.status, c.state, c.amount as charged, f.refunds
  from payments.payments p left join payments.card_charges c on c.id = p.id
  left join (select payment_id, count(*) as refunds from payments.refunds group by payment_id) f on f.payment_id = p.id`;

const MONEY = {
  'confirmed orders without exactly one captured payment of their total': `
    select o.id, o.total, count(p.id) as payments, sum(p.amount) as paid
    from orders o left join (${PAID}) p
      on p.order_id = o.id and p.status = 'completed' and p.state = 'captured' and p.charged = p.amount
    where o.status = 'confirmed' group by o.id having payments <> 1 or paid <> o.total`,
  'refunded orders without exactly one payment of their total that went back once': `
    select o.id, o.total, count(p.id) as payments, sum(p.amount) as paid
    from orders o left join (${PAID}) p
      on p.order_id = o.id and p.status = 'refunded' and p.state = 'refunded' and p.refunds = 1 and p.charged = p.amount
    where o.status = 'refunded' group by o.id having payments <> 1 or paid <> o.total`,
  'money kept for orders that are off': `
    select o.id, o.status, p.status as payment, p.state from orders o join (${PAID}) p on p.order_id = o.id
    where o.status in ('failed', 'cancelled', 'refunded') and (p.status = 'completed' or p.state = 'captured')`,
  'more than one payment of an order': `
    select order_id, count(*) as payments from payments.payments where status <> 'declined'
    group by order_id having payments > 1`,
  'payments of no order': `
    select p.id, p.order_id from payments.payments p left join orders o on o.id = p.order_id where o.id is null`,
  'charges of no payment': `
    select c.id, c.state from payments.card_charges c left join payments.payments p on p.id = c.id where p.id is null`,
};

export const AUDITS: Readonly<Record<string, string>> = { ...SETTLED, ...STOCK, ...MONEY };

export interface Books {
  /** What is not over yet: counts, all 0 once everything has settled. */
  unsettled(): Promise<Record<string, number>>;
  /** What each audit finds, those that find nothing left out. */
  findings(): Promise<Record<string, unknown[]>>;
  /** The names of what the audits would find after this statement, which is taken back again. */
  findingsAfter(sql: string): Promise<string[]>;
  /** Numbers that say how much there was to get wrong. */
  totals(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** Opens the databases in `folder` beside the services that use them, and remembers how much stock there is now. */
export async function openBooks(folder: string): Promise<Books> {
  const database = knex({
    client: 'sqlite3',
    connection: { filename: join(folder, 'orders.db') },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  });
  for (const name of ['inventory', 'payments'])
    await database.raw('attach database ? as ??', [join(folder, `${name}.db`), name]);
  await database.raw(
    'create temp table stock_before as select product_id, available + reserved + sold as pieces from inventory.stock',
  );
  return {
    unsettled: async () =>
      Object.fromEntries(
        Object.entries(await rowsOf(database, SETTLED)).map(([name, rows]) => [name, rows.length]),
      ),
    findings: async () =>
      Object.fromEntries(
        Object.entries(await rowsOf(database, AUDITS)).filter(([, rows]) => rows.length > 0),
      ),
    findingsAfter: async (sql) => {
      const transaction = await database.transaction();
      try {
        await transaction.raw(sql);
        const found = await rowsOf(transaction, AUDITS);
        return Object.keys(found).filter((name) => (found[name] ?? []).length > 0);
      } finally {
        await transaction.rollback();
      }
    },
    totals: () => totals(database),
    close: () => database.destroy(),
  };
}

async function rowsOf(database: Knex, queries: Readonly<Record<string, string>>) {
  const rows: Record<string, unknown[]> = {};
  for (const [name, sql] of Object.entries(queries)) rows[name] = await database.raw(sql);
  return rows;
}

async function totals(database: Knex): Promise<Record<string, number>> {
  const rows: { name: string; number: number }[] = await database.raw(`
    select 'orders ' || status as name, count(*) as number from orders group by status
    union all select 'minor units in orders ' || status, sum(total) from orders group by status
    union all select 'payments ' || status, count(*) from payments.payments group by status
    union all select 'minor units ' || state, sum(amount) from payments.card_charges group by state
    union all select 'reservations ' || status, count(*) from inventory.reservations group by status
    union all select 'pieces before', sum(pieces) from temp.stock_before
    union all select 'pieces available', sum(available) from inventory.stock
    union all select 'pieces reserved', sum(reserved) from inventory.stock
    union all select 'pieces sold', sum(sold) from inventory.stock
    union all select 'pieces left of product 80', available from inventory.stock where product_id = '80'`);
  return Object.fromEntries(rows.map(({ name, number }) => [name, number]));
}
