import {
  fingerprint,
  forgetOutcome,
  keyReused,
  type Outcome,
  once,
  type RememberedRequest,
  recordOutcome,
  replayed,
  timestamp,
} from '../kit/index.ts';
import { paymentBody } from './bodies.ts';
import { keyColumns, waitingRequests } from './keys.ts';
import type { MoneyParts } from './money-parts.ts';
import type { Order, OrderBook } from './order-book.ts';
import type { Refunds } from './refunds.ts';
import { alreadyPaid, notPayable, notYourOrder, paidOtherwise } from './refusals.ts';
import type { PaymentRow, PaymentsStore } from './store.ts';

interface NewPayment {
  orderId: string;
  userId: string;
  /** The idempotency key, if one was sent. */
  key: string | undefined;
  /** Whoever is gone before it is their turn is not served. */
  signal: AbortSignal;
  /** Undefined: what the order says is paid from the user's balance. `amount` in minor units. */
  card?: { amount: number; token: string };
  /** Where the customer is told of it; an order knows it too. */
  email?: string | undefined;
}

/** The rules of payments: an order is paid once, and every step can be repeated after a crash. */
export interface Payments {
  /** Answers what to answer, perhaps once more. Throws 402 to 422, and 502 to 504 with the payment left `pending`. */
  pay(asked: NewPayment): Promise<Outcome>;
  /** Takes a `pending` payment to its end. The caller holds the lock of its order. */
  finish(payment: PaymentRow, how?: FinishOptions): Promise<Outcome>;
  /**
   * Writes a `pending` payment down. The caller holds the lock of its order. Throws 409 when the order is closed or has a
   * payment.
   */
  begin(bill: Bill, request?: RememberedRequest): Promise<PaymentRow>;
}

interface FinishOptions {
  /** The order as it was just seen. */
  order?: Order;
  request?: RememberedRequest | undefined;
  /** Stands for the card; see `Purse`. */
  token?: string | undefined;
  signal?: AbortSignal;
}

interface PaymentsParts extends MoneyParts {
  orderBook: OrderBook;
  refunds: Refunds;
}

export function createPayments(parts: PaymentsParts): Payments {
  const payments: Payments = {
    pay: async (asked) => {
      const { orderId, userId, key, card } = asked;
      const what = card === undefined ? { orderId, userId } : { orderId, userId, card };
      const request = key === undefined ? undefined : { key, fingerprint: fingerprint('pay', what) };
      const work = () => parts.lock.run(`order ${orderId}`, () => payLocked(parts, payments, asked, request));
      return key === undefined ? await work() : await parts.lock.run(`key ${key}`, work);
    },
    finish: (payment, how = {}) => finish(parts, payment, how),
    begin: (bill, request) => begin(parts, bill, request),
  };
  return payments;
}

async function payLocked(
  parts: PaymentsParts,
  payments: Payments,
  asked: NewPayment,
  request: RememberedRequest | undefined,
): Promise<Outcome> {
  const { store, rows } = parts;
  asked.signal.throwIfAborted();
  const earlier = await once(store.read, request);
  if (earlier !== undefined) return replayed(earlier);
  await refuseKeyInUse(rows, request);
  const live = await rows.findLive(asked.orderId);
  if (live !== undefined && live.user_id !== asked.userId) throw notYourOrder(asked.orderId, asked.userId);
  if (live !== undefined && live.status !== 'pending') throw whyNotAgain(live);
  const bill = await billFor(parts, asked);
  if (live !== undefined && (live.method !== bill.method || live.amount !== bill.total)) {
    throw paidOtherwise(live);
  }
  const payment = live ?? (await begin(parts, bill, request));
  const known = bill.order === undefined ? {} : { order: bill.order };
  return await payments.finish(payment, { ...known, request, token: asked.card?.token });
}

/** What is to be paid, and how; `total` in minor units. */
export interface Bill {
  id: string;
  userId: string;
  total: number;
  method: PaymentRow['method'];
  mode: PaymentRow['mode'];
  email: string | undefined;
  order?: Order;
}

/** A payment by card is told what it is for; one from the balance asks the order. */
async function billFor({ orderBook }: PaymentsParts, asked: NewPayment): Promise<Bill> {
  const { orderId, userId, card, email } = asked;
  const common = { userId, mode: 'sync' } as const;
  if (card !== undefined) return { ...common, id: orderId, total: card.amount, method: 'card', email };
  const order = await orderBook.get(orderId);
  if (order.userId !== userId) throw notYourOrder(order.id, userId);
  return { ...common, id: order.id, total: order.total, method: 'balance', email: order.userEmail, order };
}

/** A payment left `pending` holds its key for the request that made it. */
async function refuseKeyInUse(rows: PaymentsStore, request: RememberedRequest | undefined): Promise<void> {
  if (request === undefined) return;
  const pending = await rows.findPendingByKey(request.key);
  if (pending !== undefined && pending.fingerprint !== request.fingerprint) throw keyReused();
}

function whyNotAgain(live: PaymentRow) {
  return live.status === 'completed' ? alreadyPaid(live) : notPayable(live.order_id, live.status);
}

async function begin(
  { store, rows, clock, newId }: PaymentsParts,
  bill: Bill,
  request: RememberedRequest | undefined,
): Promise<PaymentRow> {
  const state = bill.order?.status ?? 'created';
  if (state !== 'created' && state !== 'reserved') throw notPayable(bill.id, state);
  const payment = await store.transaction(async (transaction) => {
    if (await rows.isClosed(transaction, bill.id)) throw notPayable(bill.id, 'closed');
    const now = timestamp(clock);
    const row: PaymentRow = {
      id: await newId(transaction, 'payments'),
      order_id: bill.id,
      user_id: bill.userId,
      amount: bill.total,
      status: 'pending',
      method: bill.method,
      mode: bill.mode,
      user_email: bill.email ?? null,
      transaction_id: null,
      order_told: 0,
      attempts: 0,
      ...keyColumns(request),
      created_at: now,
      updated_at: now,
    };
    return (await rows.insert(transaction, row)) ? row : undefined;
  });
  // The lock keeps rivals in this process apart, the unique index those in another.
  const rival = payment === undefined ? await rows.findLive(bill.id) : undefined;
  if (payment === undefined) throw rival === undefined ? notPayable(bill.id, state) : whyNotAgain(rival);
  return payment;
}

async function finish(parts: PaymentsParts, payment: PaymentRow, how: FinishOptions): Promise<Outcome> {
  const { store, rows, news, clock } = parts;
  const transactionId = await takeMoney(parts, payment, how);
  const now = timestamp(clock);
  const completed: PaymentRow = {
    ...payment,
    status: 'completed',
    transaction_id: transactionId ?? null,
    updated_at: now,
  };
  const headers = { location: `/api/payments/${payment.id}` };
  const outcome = { status: 201, body: paymentBody(completed), headers };
  const isMine = await store.transaction(async (transaction) => {
    const move = { id: payment.id, from: 'pending', to: 'completed', now, transactionId } as const;
    const moved = await rows.advance(transaction, move);
    if (moved) await news.processed(transaction, completed);
    for (const waiting of moved ? waitingRequests(payment, how.request) : []) {
      await recordOutcome(transaction, waiting, outcome);
    }
    return moved;
  });
  if (!isMine) throw alreadyPaid(payment);
  await tellOrder(parts, completed, how);
  return outcome;
}

/**
 * What the other side calls the movement, if it has a name for it. Throws when the money is not taken for certain: 402 or
 * 404 when it is refused, 502 to 504 when nobody knows.
 */
async function takeMoney(
  { store, rows, purses, news, clock, leftUnfinished }: PaymentsParts,
  payment: PaymentRow,
  { token, signal }: FinishOptions,
): Promise<string | undefined> {
  const result = await purses[payment.method].take(payment, { token, signal }).catch((error: unknown) => {
    leftUnfinished();
    throw error;
  });
  if (result.kind === 'taken') return result.transactionId;
  const move = { id: payment.id, from: 'pending', to: 'declined', now: timestamp(clock) } as const;
  await store.transaction(async (transaction) => {
    if (await rows.advance(transaction, move))
      await news.failed(transaction, payment, result.problem.facts.kind);
  });
  throw result.problem;
}

/**
 * The payment stands when the order cannot be told now; the background tells it later. When the order was called off
 * while the money was under way, the money goes back and the answer is that the order cannot be paid.
 */
async function tellOrder(parts: PaymentsParts, payment: PaymentRow, how: FinishOptions): Promise<void> {
  const { settlement, refunds, store, log, leftUnfinished } = parts;
  if (payment.method === 'card') return;
  const result = await settlement.settle(payment, how.order, how.signal).catch((error: unknown) => {
    log.warn({ payment_id: payment.id, err: error }, 'the order is told of its payment later');
    leftUnfinished();
    return 'later' as const;
  });
  if (result !== 'give-back') return;
  await store.transaction(async (transaction) => {
    for (const waiting of waitingRequests(payment, how.request)) await forgetOutcome(transaction, waiting);
  });
  const refunding = await refunds.begin(payment);
  await refunds.finish(refunding, undefined, how.signal);
  throw notPayable(payment.order_id, 'called off');
}
