import knexModule, { type Knex } from 'knex';
import type { Database } from 'sqlite3';
import { onTestFinished } from 'vitest';

export interface OrderLine {
  id: string;
  status: string;
  total: number;
  items: string;
  idempotency_key: string;
  user_email: string;
}

export interface PaymentLine {
  order_id: string;
  amount: number;
  status: string;
  /** What the card gateway's own books say; null when it never heard of the payment. */
  charge: string | null;
  charged: number | null;
}

interface StockLine {
  product_id: string;
  available: number;
  reserved: number;
  sold: number;
}

/** What the services have written down, read with SQL while they run. */
export interface Books {
  /** How much is still under way, in words; empty when nothing is. */
  underWay(): Promise<string[]>;
  orders(): Promise<OrderLine[]>;
  payments(): Promise<PaymentLine[]>;
  stock(): Promise<StockLine[]>;
}

export function openBooks(file: (name: string) => string): Books {
  const [orders, payments, inventory] = ['orders', 'payments', 'inventory'].map((name) =>
    openBook(file(name)),
  );
  if (orders === undefined || payments === undefined || inventory === undefined) throw new Error('no books');
  return {
    underWay: async () => {
      const rows = [
        ...(await orders('checkouts').whereNot({ step: 'done' }).select({ id: 'order_id', what: 'step' })),
        ...(await payments('payments')
          .whereIn('status', ['pending', 'refunding'])
          .select({ id: 'order_id', what: 'status' })),
        ...(await inventory('reservations')
          .where({ status: 'reserved' })
          .select({ id: 'order_id', what: 'status' })),
      ];
      return rows.map(({ id, what }) => `${what} ${id}`);
    },
    orders: async () =>
      await orders('orders')
        .join('checkouts', 'checkouts.order_id', 'orders.id')
        .select('id', 'status', 'total', 'items', 'idempotency_key', 'user_email'),
    payments: async () =>
      await payments('payments')
        .leftJoin('card_charges', 'card_charges.id', 'payments.id')
        .select('order_id', 'payments.amount', 'status', {
          charge: 'card_charges.state',
          charged: 'card_charges.amount',
        }),
    stock: async () => await inventory('stock').select('product_id', 'available', 'reserved', 'sold'),
  };
}

/** The database of a service, to be read beside it; closed with the test. */
export function openBook(filename: string): Knex {
  const database = knexModule.knex({
    client: 'sqlite3',
    connection: { filename },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate: (connection: Database, done: (error: Error | null) => void) =>
        connection.exec('pragma query_only = on; pragma busy_timeout = 5000;', done),
    },
  });
  onTestFinished(() => database.destroy());
  return database;
}
