import {
  fingerprint,
  notFound,
  type Outcome,
  once,
  type RememberedRequest,
  recordOutcome,
  replayed,
  timestamp,
} from '../kit/index.ts';
import { refundBody } from './bodies.ts';
import { keyColumns, waitingRequests } from './keys.ts';
import type { MoneyParts } from './money-parts.ts';
import { alreadyRefunded, notRefundable } from './refusals.ts';
import type { PaymentRow, PaymentsStore, RefundRow } from './store.ts';

interface NewRefund {
  paymentId: string;
  /** The idempotency key, if one was sent. */
  key: string | undefined;
  /** Whoever is gone before it is their turn is not served. */
  signal: AbortSignal;
}

/** The rules of refunds: money goes back once, and every step can be repeated after a crash. */
export interface Refunds {
  /** Answers what to answer, perhaps once more. Throws 404, 409, 422, and 502 to 504 with the refund left `refunding`. */
  refund(asked: NewRefund): Promise<Outcome>;
  /** Starts to give the money of a completed payment back. The caller holds the lock of its order. */
  begin(payment: PaymentRow, request?: RememberedRequest): Promise<PaymentRow>;
  /** Takes a `refunding` payment to `refunded`. The caller holds the lock of its order. */
  finish(payment: PaymentRow, request?: RememberedRequest, signal?: AbortSignal): Promise<Outcome>;
}

export function createRefunds(parts: MoneyParts): Refunds {
  const refunds: Refunds = {
    refund: async (asked) => {
      const { key } = asked;
      const known = await requirePayment(parts.rows, asked.paymentId);
      const work = () => parts.lock.run(`order ${known.order_id}`, () => refundLocked(parts, refunds, asked));
      return key === undefined ? await work() : await parts.lock.run(`key ${key}`, work);
    },
    begin: (payment, request) => begin(parts, payment, request),
    finish: (payment, request, signal) => finish(parts, { payment, request, signal }),
  };
  return refunds;
}

async function refundLocked(
  { store, rows }: MoneyParts,
  { begin, finish }: Refunds,
  { paymentId, key, signal }: NewRefund,
): Promise<Outcome> {
  signal.throwIfAborted();
  const request = key === undefined ? undefined : { key, fingerprint: fingerprint('refund', { paymentId }) };
  const earlier = await once(store.read, request);
  if (earlier !== undefined) return replayed(earlier);
  const payment = await requirePayment(rows, paymentId);
  switch (payment.status) {
    case 'completed':
      return await finish(await begin(payment, request), request);
    case 'refunding':
      return await finish(payment, request);
    case 'refunded':
      throw alreadyRefunded(await requireRefund(rows, paymentId));
    case 'pending':
    case 'declined':
      throw notRefundable(payment);
  }
}

async function begin(
  { store, rows, clock, newId }: MoneyParts,
  payment: PaymentRow,
  request: RememberedRequest | undefined,
): Promise<PaymentRow> {
  const now = timestamp(clock);
  await store.transaction(async (transaction) => {
    const isMine = await rows.advance(transaction, {
      id: payment.id,
      from: 'completed',
      to: 'refunding',
      now,
    });
    if (!isMine) throw notRefundable(payment);
    const id = await newId(transaction, 'refunds');
    await rows.insertRefund(transaction, {
      id,
      payment_id: payment.id,
      ...keyColumns(request),
      created_at: now,
    });
  });
  return { ...payment, status: 'refunding', order_told: 0, updated_at: now };
}

interface Finishing {
  payment: PaymentRow;
  request: RememberedRequest | undefined;
  signal: AbortSignal | undefined;
}

async function finish(parts: MoneyParts, { payment, request, signal }: Finishing): Promise<Outcome> {
  const { store, rows, purses, news, clock } = parts;
  const refund = await requireRefund(rows, payment.id);
  const { id } = payment;
  await purses[payment.method].giveBack(payment, refund, signal).catch((error: unknown) => {
    parts.leftUnfinished();
    throw error;
  });
  const now = timestamp(clock);
  const outcome = { status: 201, body: refundBody(refund, payment), headers: {} };
  const isMine = await store.transaction(async (transaction) => {
    const moved = await rows.advance(transaction, { id, from: 'refunding', to: 'refunded', now });
    if (moved) await news.refunded(transaction, { ...payment, status: 'refunded' });
    for (const waiting of moved ? waitingRequests(refund, request) : []) {
      await recordOutcome(transaction, waiting, outcome);
    }
    return moved;
  });
  if (!isMine) throw alreadyRefunded(refund);
  await tellOrder(parts, { ...payment, status: 'refunded', updated_at: now }, signal);
  return outcome;
}

/** The money is back whatever the order says; an order that cannot be told now is told in the background. */
async function tellOrder(
  { settlement, log, leftUnfinished }: MoneyParts,
  payment: PaymentRow,
  signal: AbortSignal | undefined,
) {
  if (payment.method === 'card') return;
  await settlement.settle(payment, undefined, signal).catch((error: unknown) => {
    log.warn({ payment_id: payment.id, err: error }, 'the order is told of its refund later');
    leftUnfinished();
  });
}

async function requirePayment(rows: PaymentsStore, id: string): Promise<PaymentRow> {
  const payment = await rows.find(id);
  if (payment === undefined) throw notFound('payment', id);
  return payment;
}

async function requireRefund(rows: PaymentsStore, paymentId: string): Promise<RefundRow> {
  const refund = await rows.findRefund(paymentId);
  if (refund === undefined) throw new Error(`payment "${paymentId}" has no refund row`);
  return refund;
}
