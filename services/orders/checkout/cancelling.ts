import { notFound, timestamp } from '../../kit/index.ts';
import { type OrderStatus, requireLegalMove } from '../status.ts';
import type { OrderRow } from '../store.ts';
import type { CheckoutParts } from './placing.ts';
import type { CheckoutRow } from './store.ts';

/** Calls orders off: what was reserved or sold goes back to the shelf, what was paid goes back to the card, once. */
export interface Cancelling {
  /**
   * The order afterwards: `cancelled` when it was not paid yet, `refunded` when it was; an order that is one of them
   * already stays so. Throws 409 when it is too late, and 502 to 504 when it is undone as soon as the others answer.
   */
  cancel(orderId: string): Promise<OrderRow>;
  /** Takes a shipped or delivered order back as well. */
  takeBack(orderId: string): Promise<OrderRow>;
}

export function createCancelling(parts: CheckoutParts): Cancelling {
  const end = async (orderId: string, mayBeOnItsWay: boolean) => {
    const order = await requireOrder(parts, orderId);
    if (order.status === 'cancelled' || order.status === 'refunded') return order;
    return (await parts.checkouts.find(parts.store.read, orderId)) === undefined
      ? await endPlain(parts, order)
      : await endCheckout(parts, orderId, mayBeOnItsWay);
  };
  return { cancel: (orderId) => end(orderId, false), takeBack: (orderId) => end(orderId, true) };
}

/** An order without checkout has no stock. Once it is paid, payments gives the money back and tells the order. */
async function endPlain(
  { store, orders, cardDesk, news, clock }: CheckoutParts,
  { id }: OrderRow,
): Promise<OrderRow> {
  const after = await store.transaction(async (transaction) => {
    const order = await orders.findIn(transaction, id);
    if (order === undefined) throw notFound('order', id);
    if (order.status !== 'created' && order.status !== 'reserved') return order;
    const cancelled = { ...order, status: 'cancelled', updated_at: timestamp(clock) } as const;
    await orders.setStatus(transaction, cancelled);
    await news.moved(transaction, cancelled, { mode: 'sync' });
    return cancelled;
  });
  if (after.status !== 'paid' && after.status !== 'confirmed') {
    if (after.status !== 'cancelled') requireLegalMove(after.status, 'cancelled');
    return after;
  }
  await cardDesk.close(id);
  return (await orders.find(id)) ?? after;
}

async function endCheckout(parts: CheckoutParts, orderId: string, mayBeOnItsWay: boolean): Promise<OrderRow> {
  const { store, orders, checkouts, saga, lock, leftUnfinished } = parts;
  return await lock.run(`order ${orderId}`, async () => {
    await store.transaction(async (transaction) => {
      const order = await orders.findIn(transaction, orderId);
      const checkout = await checkouts.find(transaction, orderId);
      if (order === undefined || checkout === undefined) return;
      const verdict = verdictOn(order, checkout, mayBeOnItsWay);
      if (verdict !== undefined) await saga.turnRound(transaction, orderId, verdict);
    });
    await saga.run(orderId).catch((error: unknown) => {
      leftUnfinished();
      throw error;
    });
    return await requireOrder(parts, orderId);
  });
}

const unpaid: readonly OrderStatus[] = ['created', 'reserved'];
const onTheirWay: readonly OrderStatus[] = ['shipped', 'delivered'];

/** How the order is to end; undefined when that is decided already. Throws 409 when it is too late. */
function verdictOn({ status }: OrderRow, checkout: CheckoutRow, mayBeOnItsWay: boolean) {
  if (checkout.step === 'undo' || status === 'cancelled' || status === 'refunded') return undefined;
  if (onTheirWay.includes(status) && !mayBeOnItsWay) requireLegalMove(status, 'cancelled');
  const verdict = unpaid.includes(status) ? 'cancelled' : 'refunded';
  requireLegalMove(status, verdict);
  return verdict;
}

async function requireOrder({ orders }: CheckoutParts, id: string): Promise<OrderRow> {
  const order = await orders.find(id);
  if (order === undefined) throw notFound('order', id);
  return order;
}
