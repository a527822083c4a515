import {
  type Clock,
  type Logger,
  Problem,
  type RememberedRequest,
  recordOutcome,
  type Store,
  type Transaction,
  timestamp,
} from '../../kit/index.ts';
import { orderBody } from '../bodies.ts';
import type { OrderNews } from '../news.ts';
import { type OrderStatus, requireLegalMove } from '../status.ts';
import type { Item, OrderRow, OrdersStore } from '../store.ts';
import { aboutOrder, Refusal } from './answers.ts';
import type { Baskets } from './baskets.ts';
import type { CardDesk } from './card-desk.ts';
import type { StockItem, StockRoom } from './stock-room.ts';
import { type CheckoutRow, type CheckoutStore, type Progress, readFailure, type Step } from './store.ts';

/** Takes orders through their checkout, one step after the other; each step can be repeated after a crash. */
export interface Saga {
  /**
   * Goes on until the order is confirmed or given up, or waits for its payment. The caller holds the order's lock. Throws a
   * 502 to 504 problem when a step has to wait: going on later is then safe, and necessary.
   */
  run(orderId: string, signal?: AbortSignal): Promise<void>;
  /** Turns round: from now on the order is undone, and ends in that state. */
  turnRound(transaction: Transaction, orderId: string, verdict: CheckoutRow['verdict']): Promise<void>;
  /** What an asynchronous order does next that needs nobody's stock, or has it: whoever charges it is told. */
  awaitPayment(transaction: Transaction, order: OrderRow, checkout: CheckoutRow): Promise<void>;
}

export interface SagaParts {
  store: Store;
  orders: OrdersStore;
  checkouts: CheckoutStore;
  stockRoom: StockRoom;
  cardDesk: CardDesk;
  baskets: Baskets;
  news: OrderNews;
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
        if (checkout === undefined || order === undefined) return;
        if (checkout.step === 'done' || checkout.step === 'await-payment') return;
        signal?.throwIfAborted();
        await steps[checkout.step](parts, { order, checkout, signal });
        log.debug({ order_id: orderId, step: checkout.step }, 'checkout step done');
      }
    },
    turnRound: async (transaction, orderId, verdict) => {
      await checkouts.progress(transaction, orderId, { step: 'undo', verdict, card_token: null });
    },
    awaitPayment: (transaction, order, checkout) => awaitPayment(parts, transaction, { order, checkout }),
  };
}

type OwnStep = Exclude<Step, 'done' | 'await-payment'>;

const steps: Readonly<Record<OwnStep, (parts: SagaParts, stage: Stage) => Promise<void>>> = {
  reserve: async (parts, stage) => {
    const { order, checkout, signal } = stage;
    const isDone = await orUndo(parts, stage, () =>
      parts.stockRoom.reserve(order.id, stockItems(order), signal),
    );
    if (!isDone) return;
    await parts.store.transaction(async (transaction) => {
      const reserved = await setStatus(parts, transaction, order, 'reserved');
      if (checkout.mode === 'async')
        return await awaitPayment(parts, transaction, { order: reserved, checkout });
      await parts.checkouts.progress(transaction, order.id, { step: 'pay' });
      await parts.news.created(transaction, reserved, { mode: 'sync' });
    });
  },
  pay: async (parts, stage) => {
    const { order, checkout, signal } = stage;
    const { id: orderId, user_id: userId, user_email: email, total: amount } = order;
    const token = checkout.card_token ?? '';
    const isDone = await orUndo(parts, stage, () =>
      parts.cardDesk.charge({ orderId, userId, email, amount, token }, signal),
    );
    if (isDone)
      await moveOn(parts, stage, { status: 'paid', progress: { step: 'confirm', card_token: null } });
  },
  // From here on the way leads forward: the money is there, so a silent inventory is asked again until it answers.
  confirm: async (parts, stage) => {
    const { order, checkout, signal } = stage;
    const refused =
      checkout.has_stock === 1 ? await refusalOf(parts.stockRoom.confirm(order.id, signal)) : undefined;
    if (refused !== undefined) return await undo(parts, stage, refused);
    const durationMs = Math.max(0, parts.clock.now() - Date.parse(checkout.started_at));
    const step = checkout.cart_version === null ? 'done' : 'clear';
    const confirmed = { ...stage, order: { ...order, processing_duration_ms: durationMs } };
    await moveOn(parts, confirmed, { status: 'confirmed', progress: { step } });
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
    // An asynchronous order may be on its way to its payment in any state.
    if (order.status !== 'created' || checkout.mode === 'async') await parts.cardDesk.close(order.id, signal);
    if (checkout.has_stock === 1) await parts.stockRoom.release(order.id, signal);
    await moveOn(parts, { order, checkout }, { status: checkout.verdict, progress: { step: 'done' } });
  },
};

/**
 * Whether the work is done. A refusal turns the checkout round, and so does not knowing what happened; an asynchronous
 * order, for which nobody waits, is tried again until its deadline instead.
 */
async function orUndo(parts: SagaParts, stage: Stage, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (!(error instanceof Refusal) && !isOver(stage.checkout, parts.clock)) throw error;
    await undo(parts, stage, error);
    return false;
  }
}

function isOver({ deadline }: CheckoutRow, clock: Clock): boolean {
  return deadline === null || Date.parse(deadline) <= clock.now();
}

/** A step that was refused for good is an answer; not knowing is thrown. */
async function refusalOf(work: Promise<void>): Promise<Refusal | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

/** The step, the event that lets the order be charged, and the kept answer are written together or not at all. */
async function awaitPayment(
  { checkouts, news }: SagaParts,
  transaction: Transaction,
  { order, checkout }: Pick<Stage, 'order' | 'checkout'>,
): Promise<void> {
  await checkouts.progress(transaction, order.id, { step: 'await-payment', card_token: null });
  await news.created(transaction, order, { mode: 'async', cardToken: checkout.card_token });
  await recordOutcome(transaction, requestOf(checkout), accepted(order));
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
}

/** The order's new state, its event, the checkout's next step and the kept answer are written together or not at all. */
async function moveOn(
  parts: SagaParts,
  { order, checkout }: Pick<Stage, 'order' | 'checkout'>,
  { status, progress }: Move,
): Promise<void> {
  await parts.store.transaction(async (transaction) => {
    const moved = await setStatus(parts, transaction, order, status);
    await parts.checkouts.progress(transaction, order.id, progress);
    const reason = progress.step === 'done' ? readFailure(checkout)?.kind : undefined;
    await parts.news.moved(transaction, moved, { mode: checkout.mode, reason });
    // An asynchronous order was answered long ago.
    if (status === 'confirmed' && checkout.mode === 'sync')
      await recordOutcome(transaction, requestOf(checkout), placed(moved));
  });
}

async function setStatus(
  { orders, clock }: SagaParts,
  transaction: Transaction,
  order: OrderRow,
  status: OrderStatus,
): Promise<OrderRow> {
  // An order that was paid may fail only when its money is known to be back.
  if (status !== 'failed') requireLegalMove(order.status, status);
  const moved = { ...order, status, updated_at: timestamp(clock) };
  await orders.setStatus(transaction, moved);
  return moved;
}

/** The request whose answer is kept; undefined for one without idempotency key. */
export function requestOf({ idempotency_key: key, fingerprint }: CheckoutRow): RememberedRequest | undefined {
  return key === null || fingerprint === null ? undefined : { key, fingerprint };
}

/** What whoever placed the order is answered. */
export function placed(order: OrderRow) {
  return { status: 201, body: orderBody(order), headers: { location: `/orders/${order.id}` } };
}

/** What whoever placed an asynchronous order is answered: it is written down, and goes on by itself. */
export function accepted(order: OrderRow) {
  return { ...placed(order), status: 202 };
}

function stockItems(order: OrderRow): StockItem[] {
  const items: Item[] = JSON.parse(order.items);
  return items.flatMap((item) =>
    typeof item === 'string' ? [] : [{ product_id: item.product_id, quantity: item.quantity }],
  );
}
