import {
  type Consumer,
  type EventData,
  formatMoney,
  type ProblemFacts,
  readEvent,
  type ShopEvent,
  type Transaction,
  timestamp,
} from '../../kit/index.ts';
import type { OrderRow } from '../store.ts';
import { aboutOrder } from './answers.ts';
import type { SagaParts } from './saga.ts';

type PaymentAnswer = EventData<'payment.processed' | 'payment.failed'>;

const readAnswer = readEvent('payment.processed', 'payment.failed');

interface AnswersParts extends SagaParts {
  /** Takes the next step of an order, in the background. */
  goOn: (orderId: string) => void;
}

/**
 * Takes orders on that wait for their payment: paid, or undone. An answer to an order that waits no more (it was called
 * off, timed out, or paid already) changes nothing: whoever turned it round sees to it that its money goes back.
 */
export function paymentAnswers(parts: AnswersParts): Consumer<PaymentAnswer, never> {
  return {
    queue: 'orders.payment.processed',
    read: readAnswer,
    handle: (event, transaction) => handle(parts, event, transaction),
    committed: ({ data }) => parts.goOn(data.order_id),
  };
}

async function handle(
  parts: AnswersParts,
  { type, data }: ShopEvent<PaymentAnswer>,
  transaction: Transaction,
): Promise<void> {
  const { orders, log } = parts;
  const order = await orders.findIn(transaction, data.order_id);
  if (order === undefined) {
    log.warn({ order_id: data.order_id, type }, 'a payment of an order that nobody knows');
    return;
  }
  // Somebody else's attempt to pay the order may fail; the one that it waits for is still to come.
  if (type === 'payment.failed') {
    if (data.mode === 'async') await giveUp(parts, transaction, order, refused(data.reason));
  } else if (data.amount !== formatMoney(order.total)) {
    await giveUp(parts, transaction, order, otherAmount(order, data.amount));
  } else {
    await paid(parts, transaction, order);
  }
}

async function paid(
  { orders, checkouts, news, clock }: AnswersParts,
  transaction: Transaction,
  order: OrderRow,
): Promise<void> {
  if (!(await checkouts.progressFrom(transaction, order.id, 'await-payment', { step: 'confirm' }))) return;
  const after = { ...order, status: 'paid', updated_at: timestamp(clock) } as const;
  await orders.setStatus(transaction, after);
  await news.moved(transaction, after, { mode: 'async' });
}

async function giveUp(
  { checkouts, log }: AnswersParts,
  transaction: Transaction,
  { id }: OrderRow,
  why: ProblemFacts,
): Promise<void> {
  const failure = JSON.stringify(aboutOrder(why, id));
  const progress = { step: 'undo', verdict: 'failed', failure } as const;
  if (await checkouts.progressFrom(transaction, id, 'await-payment', progress))
    log.info({ order_id: id, kind: why.kind }, 'the order is undone');
}

function refused(reason = 'payment-refused'): ProblemFacts {
  const detail = 'The order was not paid.';
  return { status: 402, kind: reason, title: 'The order could not be charged', detail };
}

function otherAmount({ total }: OrderRow, amount: string): ProblemFacts {
  return {
    status: 409,
    kind: 'paid-otherwise',
    title: 'Another amount was paid',
    detail: `The order costs ${formatMoney(total)}, and ${amount} was paid.`,
  };
}
