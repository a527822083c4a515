import { type Bus, eventAbout, formatMoney, type Transaction } from '../kit/index.ts';
import type { PaymentRow } from './store.ts';

/**
 * Tells the others what becomes of payments, in the transaction that makes it true. Throws a 503 problem (`outbox-full`)
 * when too much waits to be told.
 */
export interface PaymentNews {
  processed(transaction: Transaction, payment: PaymentRow): Promise<void>;
  /** `reason` is the last part of a problem's type. */
  failed(transaction: Transaction, payment: PaymentRow, reason: string): Promise<void>;
  refunded(transaction: Transaction, payment: PaymentRow): Promise<void>;
}

export function createPaymentNews(bus: Pick<Bus, 'publishLater'>): PaymentNews {
  const tell = (
    transaction: Transaction,
    type: 'payment.processed' | 'payment.failed' | 'payment.refunded',
    payment: PaymentRow,
    reason?: string,
  ) => {
    const why = reason === undefined ? {} : { reason };
    return bus.publishLater(transaction, eventAbout(type, { ...factsOf(payment), ...why }));
  };
  return {
    processed: (transaction, payment) => tell(transaction, 'payment.processed', payment),
    failed: (transaction, payment, reason) => tell(transaction, 'payment.failed', payment, reason),
    refunded: (transaction, payment) => tell(transaction, 'payment.refunded', payment),
  };
}

function factsOf(payment: PaymentRow) {
  return {
    payment_id: payment.id,
    order_id: payment.order_id,
    user_id: payment.user_id,
    ...(payment.user_email === null ? {} : { user_email: payment.user_email }),
    amount: formatMoney(payment.amount),
    method: payment.method,
    mode: payment.mode,
    ...(payment.transaction_id === null ? {} : { transaction_id: payment.transaction_id }),
  };
}
