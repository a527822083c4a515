import { type Logger, Problem } from '../kit/index.ts';
import type { Order, OrderBook } from './order-book.ts';
import type { PaymentRow, PaymentsStore } from './store.ts';

/**
 * What to tell the order: its next state, `done` when it knows, or `give-back` when the money was taken for an order
 * that was called off meanwhile.
 */
const steps: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  completed: {
    created: 'paid',
    reserved: 'paid',
    paid: 'confirmed',
    confirmed: 'done',
    shipped: 'done',
    delivered: 'done',
    cancelled: 'give-back',
    failed: 'give-back',
    refunded: 'give-back',
  },
  refunded: {
    created: 'paid',
    reserved: 'paid',
    paid: 'refunded',
    confirmed: 'refunded',
    shipped: 'refunded',
    delivered: 'refunded',
    cancelled: 'done',
    failed: 'done',
    refunded: 'done',
  },
};

/** Makes the order follow its payment. Safe to repeat: what is already so is left alone. */
export interface Settlement {
  /** Throws 502 to 504 when the order cannot be told now. `known` spares the first look at the order. */
  settle(payment: PaymentRow, known?: Order, signal?: AbortSignal): Promise<'done' | 'give-back'>;
}

interface SettlementParts {
  orderBook: OrderBook;
  rows: PaymentsStore;
  log: Logger;
}

/** The longest way is two moves; the rest is room for somebody else moving the order at the same time. */
const maxMoves = 6;

export function createSettlement({ orderBook, rows, log }: SettlementParts): Settlement {
  return {
    settle: async (payment, known, signal) => {
      let order = known ?? (await orderBook.get(payment.order_id, signal));
      for (let move = 0; move < maxMoves; move += 1) {
        const step = steps[payment.status]?.[order.status];
        if (step === 'give-back') return 'give-back';
        if (step === 'done') {
          await rows.markTold(payment.id);
          return 'done';
        }
        if (step === undefined) break;
        const moved = await orderBook.setStatus(payment.order_id, step, signal);
        order = moved ?? (await orderBook.get(payment.order_id, signal));
      }
      log.error(
        { payment_id: payment.id, order_id: payment.order_id, status: order.status },
        'order does not follow',
      );
      throw new Problem({
        status: 502,
        kind: 'order-does-not-follow',
        title: 'The order does not follow its payment',
        detail: `Order "${payment.order_id}" is "${order.status}" and cannot be moved on.`,
      });
    },
  };
}
