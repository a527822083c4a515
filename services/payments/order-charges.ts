import {
  type Consumer,
  type EventData,
  Problem,
  parseMoney,
  readEvent,
  type ShopEvent,
  Unprocessable,
} from '../kit/index.ts';
import type { MoneyParts } from './money-parts.ts';
import type { Payments } from './payments.ts';
import type { PaymentRow } from './store.ts';

type NewOrder = EventData<'order.created'>;

const readPlaced = readEvent('order.created');

/** The card of customers who name none. */
const defaultToken = 'tok_ok';

interface ChargesParts extends MoneyParts {
  payments: Payments;
}

/**
 * Charges orders that were placed asynchronously: the others are paid by whoever placed them. What becomes of the charge is told in the transaction that writes it
 * down; `apply` tells again of an order that was paid before its event arrived, since nobody listened then.
 */
export function orderCharges(parts: ChargesParts): Consumer<NewOrder, PaymentRow | undefined> {
  return {
    queue: 'payments.order.created',
    read: readPlaced,
    prepare: async (event, signal) =>
      event.data.mode === 'async'
        ? await parts.lock.run(`order ${event.data.order_id}`, () => charge(parts, event, signal))
        : undefined,
    apply: async (_event, transaction, paidBefore) => {
      if (paidBefore !== undefined) await parts.news.processed(transaction, paidBefore);
    },
  };
}

/** Answers the payment of an order that was paid before; undefined when all that is to be told is told. */
async function charge(
  { store, rows, payments, log }: ChargesParts,
  { data }: ShopEvent<NewOrder>,
  signal: AbortSignal,
): Promise<PaymentRow | undefined> {
  signal.throwIfAborted();
  const { order_id: id, user_id: userId, user_email: email } = data;
  const asked = await rows.findAsked(id);
  // It was charged, or refused, and the event comes again.
  if (asked !== undefined && asked.status !== 'pending') return undefined;
  const live = await rows.findLive(id);
  if (live !== undefined && live.status !== 'pending') return live.status === 'completed' ? live : undefined;
  const isClosed = await store.transaction((transaction) => rows.isClosed(transaction, id));
  if (isClosed && live === undefined) {
    log.info({ order_id: id }, 'the order was called off before it was charged');
    return undefined;
  }
  const bill = { id, userId, total: requireAmount(data), method: 'card', mode: 'async', email } as const;
  const payment = live ?? (await payments.begin(bill));
  await finish(payments, payment, data.payment_method?.token ?? defaultToken, signal);
  return undefined;
}

/** A refusal is an outcome. When the gateway does not say what it did, it is asked to settle it. */
async function finish(
  payments: Payments,
  payment: PaymentRow,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const unlessRefused = (error: unknown) => {
    if (!(error instanceof Problem) || error.facts.status >= 500) throw error;
  };
  try {
    await payments.finish(payment, { token, signal }).catch(unlessRefused);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await payments.finish(payment, { signal }).catch(unlessRefused);
  }
}

function requireAmount({ total }: NewOrder): number {
  const amount = parseMoney(total);
  if (amount === undefined || amount === 0) throw new Unprocessable('The order costs nothing.');
  return amount;
}
