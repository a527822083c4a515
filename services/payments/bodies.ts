import { formatMoney } from '../kit/index.ts';
import type { PaymentRow, RefundRow } from './store.ts';

/** A payment as it is answered. */
export function paymentBody(payment: PaymentRow) {
  return {
    id: payment.id,
    payment_id: payment.id,
    order_id: payment.order_id,
    user_id: payment.user_id,
    amount: formatMoney(payment.amount),
    status: payment.status,
    ...(payment.method === 'card' ? { method: payment.method } : {}),
    ...(payment.transaction_id === null ? {} : { transaction_id: payment.transaction_id }),
    created_at: payment.created_at,
    updated_at: payment.updated_at,
  };
}

/** A finished refund as it is answered. */
export function refundBody(refund: RefundRow, payment: PaymentRow) {
  return {
    id: refund.id,
    refund_id: refund.id,
    payment_id: payment.id,
    order_id: payment.order_id,
    user_id: payment.user_id,
    amount: formatMoney(payment.amount),
    status: 'refunded',
    created_at: refund.created_at,
  };
}
