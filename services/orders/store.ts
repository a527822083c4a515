import {
  type Listed,
  listPage,
  type Migration,
  type Page,
  type Store,
  type Transaction,
} from '../kit/index.ts';
import type { OrderStatus } from './status.ts';

/** An item is a product's name, or a product with quantity and price; the price in minor units. */
export type Item = string | { product_id: string; quantity: number; price: number };

/** An order as it is stored; `total` in minor units, `items` as JSON text. */
export interface OrderRow {
  id: string;
  user_id: string;
  items: string;
  total: number;
  status: OrderStatus;
  user_email: string | null;
  /** As it was given, as JSON text. */
  shipping_address: string | null;
  /** From the order's placing to its confirmation. */
  processing_duration_ms: number | null;
  created_at: string;
  updated_at: string;
}

/** The SQL of the orders service. */
export interface OrdersStore {
  list(page: Page): Promise<Listed<OrderRow>>;
  listOfUser(userId: string, page: Page): Promise<Listed<OrderRow>>;
  find(id: string): Promise<OrderRow | undefined>;
  insert(transaction: Transaction, order: OrderRow): Promise<void>;
  findIn(transaction: Transaction, id: string): Promise<OrderRow | undefined>;
  /** Writes the status and what comes with it. */
  setStatus(transaction: Transaction, order: OrderRow): Promise<void>;
}

export const ordersMigrations: readonly Migration[] = [
  {
    name: 'orders-001-orders',
    up: async (database) => {
      await database.schema.createTable('orders', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('user_id').notNullable().index();
        table.text('items').notNullable();
        table.bigInteger('total').notNullable();
        table.text('status').notNullable();
        table.text('user_email');
        table.text('created_at').notNullable();
        table.text('updated_at').notNullable();
      });
    },
  },
  {
    // For who asks the database itself: the column has the name that the API gives it. In minor units, as `total` is.
    name: 'orders-004-total-amount',
    up: async (database, dialect) => {
      // What each of them knows: the other keyword is an error.
      const kind = { sqlite: 'virtual', postgresql: 'stored' }[dialect];
      await database.raw(
        `alter table orders add column total_amount bigint generated always as (total) ${kind}`,
      );
    },
  },
];

export function createOrdersStore({ read }: Store): OrdersStore {
  return {
    list: (page) => listPage<OrderRow>(read, 'orders', page),
    listOfUser: (userId, page) => listPage<OrderRow>(read, 'orders', { ...page, where: { user_id: userId } }),
    find: async (id) => await read<OrderRow>('orders').where({ id }).first(),
    insert: async (transaction, order) => {
      await transaction('orders').insert(order);
    },
    findIn: async (transaction, id) => await transaction<OrderRow>('orders').where({ id }).first(),
    setStatus: async (transaction, { id, status, processing_duration_ms, updated_at }) => {
      await transaction('orders').where({ id }).update({ status, processing_duration_ms, updated_at });
    },
  };
}
