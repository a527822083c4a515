import {
  type Clock,
  type Logger,
  Problem,
  recordOutcome,
  type Store,
  type Transaction,
  timestamp,
} from '../../kit/index.ts';
import { orderBody } from '../bodies.ts';
import { type OrderStatus, requireLegalMove } from '../status.ts';
import type { Item, OrderRow, OrdersStore } from '../store.ts';
import { aboutOrder, Refusal } from './answers.ts';
import type { Baskets } from './baskets.ts';
import type { CardDesk } from './card-desk.ts';
import type { StockItem, StockRoom } from './stock-room.ts';
import type { CheckoutRow, CheckoutStore, Progress, Step } from './store.ts';

/** Takes orders through their checkout, one step after the other; each step can be repeated after a crash. */
export interface Saga {
  /**
   * Goes on until the order is confirmed or given up. The caller holds the order's lock. Throws a 502 to 504 problem when
   * a step has to wait: going on later is then safe, and necessary.
   */
  run(orderId: string, signal?: AbortSignal): Promise<void>;
  /** Turns round: from now on the order is undone, and ends in that state. */
  turnRound(transaction: Transaction, orderId: string, verdict: CheckoutRow['verdict']): Promise<void>;
}

export interface SagaParts {
  store: Store;
  orders: OrdersStore;
  checkouts: CheckoutStore;
  stockRoom: StockRoom;
  cardDesk: CardDesk;
  baskets: Baskets;
  clock: Clock;
  log: Logger;
}

interface Stage {
  order: OrderRow;
  checkout: CheckoutRow;
  signal: AbortSignal | undefined;
}

/** A cart that cannot be emptied so often is left as it is; its owner sees what is in it. */
const maxClearings = 10;

export function createSaga(parts: SagaParts): Saga {
  const { store, orders, checkouts, log } = parts;
  return {
    run: async (orderId, signal) => {
      for (;;) {
        const checkout = await checkouts.find(store.read, orderId);
        const order = await orders.find(orderId);
        if (checkout === undefined || order === undefined || checkout.step === 'done') return;
        signal?.throwIfAborted();
        await steps[checkout.step](parts, { order, checkout, signal });
        log.debug({ order_id: orderId, step: checkout.step }, 'checkout step done');
      }
    },
    turnRound: async (transaction, orderId, verdict) => {
      await checkouts.progress(transaction, orderId, { step: 'undo', verdict, card_token: null });
    },
  };
}

const steps: Readonly<Record<Exclude<Step, 'done'>, (parts: SagaParts, stage: Stage) => Promise<void>>> = {
  reserve: async (parts, stage) => {
    const { order, signal } = stage;
    const isDone = await orUndo(parts, stage, () =>
      parts.stockRoom.reserve(order.id, stockItems(order), signal),
    );
    if (isDone) await moveOn(parts, order, { status: 'reserved', progress: { step: 'pay' } });
  },
  pay: async (parts, stage) => {
    const { order, checkout, signal } = stage;
    const { id: orderId, user_id: userId, total: amount } = order;
    const token = checkout.card_token ?? '';
    const isDone = await orUndo(parts, stage, () =>
      parts.cardDesk.charge({ orderId, userId, amount, token }, signal),
    );
    if (isDone)
      await moveOn(parts, order, { status: 'paid', progress: { step: 'confirm', card_token: null } });
  },
  // From here on the way leads forward: the money is there, so a silent inventory is asked again until it answers.
  confirm: async (parts, stage) => {
    const { order, checkout, signal } = stage;
    const refused = await parts.stockRoom.confirm(order.id, signal).catch((error: unknown) => {
      if (error instanceof Refusal) return error;
      throw error;
    });
    if (refused !== undefined) return await undo(parts, stage, refused);
    const durationMs = Math.max(0, parts.clock.now() - Date.parse(checkout.started_at));
    const step = checkout.cart_version === null ? 'done' : 'clear';
    const confirmed = { ...order, processing_duration_ms: durationMs };
    await moveOn(parts, confirmed, { status: 'confirmed', progress: { step }, answers: checkout });
  },
  clear: async (parts, { order, checkout, signal }) => {
    await parts.baskets
      .clearCart(order.user_id, checkout.cart_version ?? 0, signal)
      .catch((error: unknown) => {
        if (checkout.attempts < maxClearings) throw error;
        parts.log.warn({ order_id: order.id, err: error }, 'the cart of a confirmed order stays as it is');
      });
    await parts.store.transaction((transaction) =>
      parts.checkouts.progress(transaction, order.id, { step: 'done' }),
    );
  },
  undo: async (parts, { order, checkout, signal }) => {
    if (order.status !== 'created') await parts.cardDesk.close(order.id, signal);
    await parts.stockRoom.release(order.id, signal);
    await moveOn(parts, order, { status: checkout.verdict, progress: { step: 'done' } });
  },
};

/** Whether the work is done. A refusal turns the checkout round, and so does not knowing what happened. */
async function orUndo(parts: SagaParts, stage: Stage, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await undo(parts, stage, error);
    return false;
  }
}

async function undo({ store, checkouts, log }: SagaParts, { order }: Stage, why: Problem): Promise<void> {
  log.info({ order_id: order.id, kind: why.facts.kind }, 'the order is undone');
  const failure = JSON.stringify(aboutOrder(why.facts, order.id));
  await store.transaction((transaction) =>
    checkouts.progress(transaction, order.id, { step: 'undo', verdict: 'failed', failure, card_token: null }),
  );
}

interface Move {
  status: OrderStatus;
  progress: Progress;
  /** The checkout whose idempotency key gets the answer. */
  answers?: CheckoutRow;
}

/** The order's new state, the checkout's next step and the kept answer are written together or not at all. */
async function moveOn(
  { store, orders, checkouts, clock }: SagaParts,
  order: OrderRow,
  { status, progress, answers }: Move,
): Promise<void> {
  await store.transaction(async (transaction) => {
    const moved = { ...order, status, updated_at: timestamp(clock) };
    // An order that was paid may fail only here, where its money is known to be back.
    if (status !== 'failed') requireLegalMove(order.status, status);
    await orders.setStatus(transaction, moved);
    await checkouts.progress(transaction, order.id, progress);
    const { idempotency_key: key, fingerprint } = answers ?? { idempotency_key: null, fingerprint: null };
    if (key === null || fingerprint === null) return;
    await recordOutcome(transaction, { key, fingerprint }, placed(moved));
  });
}

/** What whoever placed the order is answered. */
export function placed(order: OrderRow) {
  return { status: 201, body: orderBody(order), headers: { location: `/orders/${order.id}` } };
}

function stockItems(order: OrderRow): StockItem[] {
  const items: Item[] = JSON.parse(order.items);
  return items.flatMap((item) =>
    typeof item === 'string' ? [] : [{ product_id: item.product_id, quantity: item.quantity }],
  );
}
