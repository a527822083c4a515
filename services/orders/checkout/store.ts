import type { Migration, ProblemFacts, Store, Transaction } from '../../kit/index.ts';
import type { Mode } from '../news.ts';

/**
 * What is to be done next for an order. `reserve → pay → confirm → clear → done` is the way forward, where an asynchronous
 * order has `await-payment` instead of `pay`; `undo` gives money and stock back and leads to `done` as well.
 */
export type Step = 'reserve' | 'pay' | 'await-payment' | 'confirm' | 'clear' | 'undo' | 'done';

/** How far the checkout of an order is; written in the same transaction as the order's state. */
export interface CheckoutRow {
  order_id: string;
  mode: Mode;
  step: Step;
  /** The state in which the order ends when it is undone. */
  verdict: 'failed' | 'cancelled' | 'refunded';
  /** Why it is undone, as `ProblemFacts` in JSON. */
  failure: string | null;
  /** What stands for the card, until the order is paid or given up. */
  card_token: string | null;
  /** The version of the cart whose content was ordered; null when the items were given. */
  cart_version: number | null;
  idempotency_key: string | null;
  fingerprint: string | null;
  /** How often the present step has failed. */
  attempts: number;
  started_at: string;
  /** When an asynchronous order that is not paid by then is given up; null for others. */
  deadline: string | null;
  /** 1 when its stock is asked of the inventory service, 0 in a shop without one. */
  has_stock: 0 | 1;
}

/** What changes of a checkout when it moves on. */
export type Progress = Partial<Pick<CheckoutRow, 'step' | 'verdict' | 'failure' | 'card_token'>>;

/** The SQL of checkouts. */
export interface CheckoutStore {
  insert(transaction: Transaction, checkout: CheckoutRow): Promise<void>;
  find(database: Store['read'] | Transaction, orderId: string): Promise<CheckoutRow | undefined>;
  /** The checkout under way with that idempotency key. */
  findUnderWay(key: string): Promise<CheckoutRow | undefined>;
  /** Checkouts that wait for a further step of ours, those that failed least often first. */
  listUnfinished(limit: number): Promise<CheckoutRow[]>;
  countUnfinished(): Promise<number>;
  progress(transaction: Transaction, orderId: string, progress: Progress): Promise<void>;
  /** As `progress`, unless the checkout has another step by now; answers whether it had this one. */
  progressFrom(transaction: Transaction, orderId: string, from: Step, progress: Progress): Promise<boolean>;
  /** Orders that should have been paid by that time. */
  listOverdue(now: string, limit: number): Promise<CheckoutRow[]>;
  countAwaitingPayment(): Promise<number>;
  countAttempt(orderId: string): Promise<void>;
}

export const checkoutMigrations: readonly Migration[] = [
  {
    name: 'orders-002-checkouts',
    up: async (database) => {
      await database.schema.alterTable('orders', (table) => {
        table.text('shipping_address');
        table.bigInteger('processing_duration_ms');
      });
      await database.schema.createTable('checkouts', (table) => {
        table.increments('seq');
        table.text('order_id').notNullable().unique().references('orders.id');
        table.text('step').notNullable().index();
        table.text('verdict').notNullable();
        table.text('failure');
        table.text('card_token');
        table.integer('cart_version');
        table.text('idempotency_key').index();
        table.text('fingerprint');
        table.integer('attempts').notNullable();
        table.text('started_at').notNullable();
      });
    },
  },
  {
    name: 'orders-003-asynchronous-checkouts',
    up: async (database) => {
      await database.schema.alterTable('checkouts', (table) => {
        table.text('mode').notNullable().defaultTo('sync');
        table.text('deadline');
        table.integer('has_stock').notNullable().defaultTo(1);
        table.index(['step', 'deadline']);
      });
    },
  },
];

/** Whether an order's state is still the checkout's to decide. */
export function isUnderWay(checkout: CheckoutRow | undefined): boolean {
  return checkout !== undefined && checkout.step !== 'done' && checkout.step !== 'clear';
}

export function createCheckoutStore({ read }: Store): CheckoutStore {
  const underWay = () => read<CheckoutRow>('checkouts').whereNotIn('step', ['done', 'clear']);
  const unfinished = () => read<CheckoutRow>('checkouts').whereNotIn('step', ['done', 'await-payment']);
  const awaiting = () => read<CheckoutRow>('checkouts').where({ step: 'await-payment' });
  return {
    insert: async (transaction, checkout) => {
      await transaction('checkouts').insert(checkout);
    },
    find: async (database, orderId) =>
      await database<CheckoutRow>('checkouts').where({ order_id: orderId }).first(),
    findUnderWay: async (key) => await underWay().where({ idempotency_key: key }).first(),
    listUnfinished: async (limit) => await unfinished().orderBy(['attempts', 'seq']).limit(limit),
    countUnfinished: async () => {
      const [count] = await unfinished().count({ total: '*' });
      return Number(count?.['total']);
    },
    progress: async (transaction, orderId, progress) => {
      await transaction('checkouts')
        .where({ order_id: orderId })
        .update({ ...progress, attempts: 0 });
    },
    progressFrom: async (transaction, orderId, from, progress) => {
      const rows = transaction('checkouts').where({ order_id: orderId, step: from });
      return (await rows.update({ ...progress, attempts: 0 })) === 1;
    },
    listOverdue: async (now, limit) =>
      await awaiting().where('deadline', '<=', now).orderBy('deadline').limit(limit),
    countAwaitingPayment: async () => {
      const [count] = await awaiting().count({ total: '*' });
      return Number(count?.['total']);
    },
    countAttempt: async (orderId) => {
      await read('checkouts').where({ order_id: orderId }).increment('attempts', 1);
    },
  };
}

/** Why an order is undone, as it is kept and told again. */
export function readFailure({ failure }: CheckoutRow): ProblemFacts | undefined {
  if (failure === null) return undefined;
  const facts: ProblemFacts = JSON.parse(failure);
  return facts;
}
