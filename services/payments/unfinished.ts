import { type KeyedLock, type Logger, Problem } from '../kit/index.ts';
import type { Payments } from './payments.ts';
import type { Refunds } from './refunds.ts';
import type { Settlement } from './settlement.ts';
import type { PaymentRow, PaymentsStore } from './store.ts';

interface UnfinishedParts {
  rows: PaymentsStore;
  payments: Payments;
  refunds: Refunds;
  settlement: Settlement;
  lock: KeyedLock;
  log: Logger;
}

const maxPerPass = 50;

/** One pass over the payments that a crash or an outage left half-way. Answers how many are still not finished. */
export async function takeUpUnfinished(parts: UnfinishedParts, signal: AbortSignal): Promise<number> {
  const { rows, lock, log } = parts;
  for (const { id, order_id } of await rows.listUnfinished(maxPerPass)) {
    if (signal.aborted) break;
    await lock
      .run(`order ${order_id}`, () => takeUp(parts, id, signal))
      .catch(async (error: unknown) => {
        if (signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        log.warn({ payment_id: id, kind: error.facts.kind }, `unfinished payment: ${error.message}`);
        await rows.countAttempt(id);
      });
  }
  return signal.aborted ? 0 : await rows.countUnfinished();
}

async function takeUp(parts: UnfinishedParts, id: string, signal: AbortSignal): Promise<void> {
  // Read again under the lock: a request may have finished it meanwhile.
  const payment = await parts.rows.find(id);
  if (payment?.status === 'pending') await parts.payments.finish(payment, { signal });
  if (payment?.status === 'refunding') await parts.refunds.finish(payment, undefined, signal);
  if (isUntold(payment)) await tellOrder(parts, payment, signal);
}

function isUntold(payment: PaymentRow | undefined): payment is PaymentRow {
  if (payment === undefined || payment.method === 'card') return false;
  return payment.order_told === 0 && (payment.status === 'completed' || payment.status === 'refunded');
}

async function tellOrder({ settlement, refunds }: UnfinishedParts, payment: PaymentRow, signal: AbortSignal) {
  const result = await settlement.settle(payment, undefined, signal);
  if (result === 'give-back') await refunds.finish(await refunds.begin(payment), undefined, signal);
}
