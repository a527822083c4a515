import {
  type Listed,
  listPage,
  type Migration,
  type Page,
  type Store,
  type Transaction,
} from '../kit/index.ts';

export type PaymentStatus = 'pending' | 'completed' | 'declined' | 'refunding' | 'refunded';

/** A payment as it is stored; `amount` in minor units. */
export interface PaymentRow {
  id: string;
  order_id: string;
  user_id: string;
  amount: number;
  status: PaymentStatus;
  /** A payment by card tells no order: whoever asked for it does that. */
  method: 'balance' | 'card';
  /** `async` when it was asked for by the event of an order, `sync` when by a request. */
  mode: 'sync' | 'async';
  /** Where whoever tells people of payments writes to; null when nobody said. */
  user_email: string | null;
  /** What the card gateway calls the movement. */
  transaction_id: string | null;
  /** 1 when the order knows of the present status. */
  order_told: 0 | 1;
  /** How often finishing it in the background has failed. */
  attempts: number;
  idempotency_key: string | null;
  fingerprint: string | null;
  created_at: string;
  updated_at: string;
}

export interface RefundRow {
  id: string;
  payment_id: string;
  idempotency_key: string | null;
  fingerprint: string | null;
  created_at: string;
}

/** The SQL of the payments service. */
export interface PaymentsStore {
  list(page: Page): Promise<Listed<PaymentRow>>;
  listOfUser(userId: string, page: Page): Promise<Listed<PaymentRow>>;
  find(id: string): Promise<PaymentRow | undefined>;
  /** The payment of that order which is not declined; there is at most one. */
  findLive(orderId: string): Promise<PaymentRow | undefined>;
  /** The payment that the event of that order has asked for, whatever became of it. */
  findAsked(orderId: string): Promise<PaymentRow | undefined>;
  /** The payment under way with that idempotency key. */
  findPendingByKey(key: string): Promise<PaymentRow | undefined>;
  findRefund(paymentId: string): Promise<RefundRow | undefined>;
  /**
   * Payments that wait for a further step, those that failed least often first. One that an event has asked for is not
   * among them before its money goes back: the event comes again until it is paid or declined.
   */
  listUnfinished(limit: number): Promise<PaymentRow[]>;
  countUnfinished(): Promise<number>;
  /** Says that an order is not payable any more. */
  close(transaction: Transaction, orderId: string, now: string): Promise<void>;
  isClosed(transaction: Transaction, orderId: string): Promise<boolean>;
  /** Inserts unless the order has a live payment; answers whether it did. */
  insert(transaction: Transaction, payment: PaymentRow): Promise<boolean>;
  insertRefund(transaction: Transaction, refund: RefundRow): Promise<void>;
  /** Moves a payment on; answers whether it was still in state `from`. */
  advance(transaction: Transaction, move: Move): Promise<boolean>;
  markTold(id: string): Promise<void>;
  countAttempt(id: string): Promise<void>;
}

interface Move {
  id: string;
  from: PaymentStatus;
  to: PaymentStatus;
  now: string;
  transactionId?: string | undefined;
}

export const paymentsMigrations: readonly Migration[] = [
  {
    name: 'payments-001-payments-and-refunds',
    up: async (database) => {
      await database.schema.createTable('payments', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('order_id').notNullable();
        table.text('user_id').notNullable().index();
        table.bigInteger('amount').notNullable();
        table.text('status').notNullable().index();
        table.integer('order_told').notNullable();
        table.integer('attempts').notNullable();
        table.text('idempotency_key').index();
        table.text('fingerprint');
        table.text('created_at').notNullable();
        table.text('updated_at').notNullable();
      });
      // What makes paying twice impossible, whatever the program above does.
      await database.raw(
        "create unique index payments_one_live_per_order on payments (order_id) where status <> 'declined'",
      );
      await database.schema.createTable('refunds', (table) => {
        table.increments('seq');
        table.text('id').notNullable().unique();
        table.text('payment_id').notNullable().unique().references('payments.id');
        table.text('idempotency_key');
        table.text('fingerprint');
        table.text('created_at').notNullable();
      });
    },
  },
  {
    name: 'payments-002-cards',
    up: async (database) => {
      await database.schema.alterTable('payments', (table) => {
        table.text('method').notNullable().defaultTo('balance');
        table.text('transaction_id');
      });
      await database.schema.createTable('closed_orders', (table) => {
        table.text('order_id').primary();
        table.text('created_at').notNullable();
      });
      // The books of the simulated card gateway; a real one would keep them elsewhere.
      await database.schema.createTable('card_charges', (table) => {
        table.text('id').primary();
        table.bigInteger('amount').notNullable();
        table.text('state').notNullable();
      });
    },
  },
  {
    name: 'payments-003-events',
    up: async (database) => {
      await database.schema.alterTable('payments', (table) => {
        table.text('mode').notNullable().defaultTo('sync');
        table.text('user_email');
      });
      // What makes charging an order twice for its event impossible, also after the first charge was declined.
      await database.raw(
        "create unique index payments_one_asked_per_order on payments (order_id) where mode = 'async'",
      );
    },
  },
];

export function createPaymentsStore({ read }: Store): PaymentsStore {
  const unfinished = () =>
    read<PaymentRow>('payments').where((either) =>
      either
        .where({ status: 'refunding' })
        .orWhere({ status: 'pending', mode: 'sync' })
        .orWhere((untold) =>
          untold.whereIn('status', ['completed', 'refunded']).andWhere({ order_told: 0, method: 'balance' }),
        ),
    );
  return {
    list: (page) => listPage<PaymentRow>(read, 'payments', page),
    listOfUser: (userId, page) =>
      listPage<PaymentRow>(read, 'payments', { ...page, where: { user_id: userId } }),
    find: async (id) => await read<PaymentRow>('payments').where({ id }).first(),
    findLive: async (orderId) =>
      await read<PaymentRow>('payments')
        .where({ order_id: orderId })
        .whereNot({ status: 'declined' })
        .first(),
    findAsked: async (orderId) =>
      await read<PaymentRow>('payments').where({ order_id: orderId, mode: 'async' }).first(),
    findPendingByKey: async (key) =>
      await read<PaymentRow>('payments').where({ idempotency_key: key, status: 'pending' }).first(),
    findRefund: async (paymentId) =>
      await read<RefundRow>('refunds').where({ payment_id: paymentId }).first(),
    listUnfinished: async (limit) => await unfinished().orderBy(['attempts', 'seq']).limit(limit),
    countUnfinished: async () => {
      const [count] = await unfinished().count({ total: '*' });
      return Number(count?.['total']);
    },
    close: async (transaction, orderId, now) => {
      await transaction('closed_orders')
        .insert({ order_id: orderId, created_at: now })
        .onConflict('order_id')
        .ignore();
      // Looked at in here, so that a payment which another process begins meanwhile does not go unseen: of the two
      // transactions one then comes after the other.
      await transaction('payments').where({ order_id: orderId }).first('id');
    },
    isClosed: async (transaction, orderId) =>
      (await transaction('closed_orders').where({ order_id: orderId }).first()) !== undefined,
    insert: async (transaction, payment) => {
      const inserted = await transaction('payments').insert(payment).onConflict().ignore().returning('id');
      return inserted.length === 1;
    },
    insertRefund: async (transaction, refund) => {
      await transaction('refunds').insert(refund);
    },
    advance: async (transaction, { id, from, to, now, transactionId }) => {
      const change = {
        status: to,
        order_told: 0,
        updated_at: now,
        ...(transactionId === undefined ? {} : { transaction_id: transactionId }),
      };
      return (await transaction('payments').where({ id, status: from }).update(change)) === 1;
    },
    markTold: async (id) => {
      await read('payments').where({ id }).update({ order_told: 1 });
    },
    countAttempt: async (id) => {
      await read('payments').where({ id }).increment('attempts', 1);
    },
  };
}
