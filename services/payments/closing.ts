import { type Clock, type KeyedLock, type Outcome, Problem, type Store, timestamp } from '../kit/index.ts';
import { refundBody } from './bodies.ts';
import type { Payments } from './payments.ts';
import type { Refunds } from './refunds.ts';
import type { PaymentRow, PaymentsStore } from './store.ts';

/** Ends the payments of an order for good: what was taken goes back, and nothing is taken any more. */
export interface Closing {
  /** Answers the refund (201), or that nothing was taken (200); asking again answers the same. Throws 502 to 504. */
  close(orderId: string, signal: AbortSignal): Promise<Outcome>;
}

interface ClosingParts {
  store: Store;
  rows: PaymentsStore;
  payments: Payments;
  refunds: Refunds;
  lock: KeyedLock;
  clock: Clock;
}

export function createClosing(parts: ClosingParts): Closing {
  return {
    close: (orderId, signal) =>
      parts.lock.run(`order ${orderId}`, async () => {
        signal.throwIfAborted();
        // First of all, so that a request to pay which is still on its way comes too late.
        await parts.store.transaction((transaction) =>
          parts.rows.close(transaction, orderId, timestamp(parts.clock)),
        );
        return await giveBack(parts, orderId);
      }),
  };
}

async function giveBack({ rows, payments, refunds }: ClosingParts, orderId: string): Promise<Outcome> {
  const begun = await rows.findLive(orderId);
  if (begun?.status === 'pending') await endDoubt(payments, begun);
  const live = await rows.findLive(orderId);
  switch (live?.status) {
    case 'completed':
      return await refunds.finish(await refunds.begin(live));
    case 'refunding':
      return await refunds.finish(live);
    case 'refunded':
      return await refundAgain(rows, live);
    default:
      return { status: 200, body: { order_id: orderId, status: 'closed' }, headers: {} };
  }
}

/** Afterwards the payment is completed or declined; a refusal is an outcome here, not an error. */
async function endDoubt(payments: Payments, payment: PaymentRow): Promise<void> {
  await payments.finish(payment).catch((error: unknown) => {
    if (!(error instanceof Problem) || error.facts.status >= 500) throw error;
  });
}

async function refundAgain(rows: PaymentsStore, payment: PaymentRow): Promise<Outcome> {
  const refund = await rows.findRefund(payment.id);
  if (refund === undefined) throw new Error(`payment "${payment.id}" has no refund row`);
  return { status: 201, body: refundBody(refund, payment), headers: {} };
}
