import { formatMoney, Problem } from '../kit/index.ts';
import type { CardRefusal } from './cards/gateway.ts';
import type { PaymentRow, RefundRow } from './store.ts';

export function notYourOrder(orderId: string, userId: string): Problem {
  return new Problem({
    status: 403,
    kind: 'not-your-order',
    title: 'The order belongs to another user',
    detail: `Order "${orderId}" does not belong to user "${userId}".`,
  });
}

export function alreadyPaid(payment: PaymentRow): Problem {
  return new Problem({
    status: 409,
    kind: 'already-paid',
    title: 'The order is already paid',
    detail: `Order "${payment.order_id}" was paid by payment "${payment.id}".`,
    members: { payment_id: payment.id },
  });
}

export function notPayable(orderId: string, state: string): Problem {
  return new Problem({
    status: 409,
    kind: 'not-payable',
    title: 'The order cannot be paid',
    detail: `Order "${orderId}" is "${state}".`,
  });
}

export function declined(payment: PaymentRow): Problem {
  return new Problem({
    status: 402,
    kind: 'insufficient-funds',
    title: 'The balance is too small',
    detail: `The balance of user "${payment.user_id}" does not cover ${formatMoney(payment.amount)}.`,
    members: { payment_id: payment.id },
  });
}

const cardSentences: Readonly<Record<CardRefusal, string>> = {
  'card-declined': 'The card was declined.',
  'insufficient-funds': 'The card does not cover the amount.',
  'card-expired': 'The card has expired.',
  'unknown-card': 'Nobody knows that card.',
};

export function cardRefused(payment: PaymentRow, why: CardRefusal): Problem {
  return new Problem({
    status: 402,
    kind: why,
    title: 'The card was not charged',
    detail: cardSentences[why],
    members: { payment_id: payment.id },
  });
}

/** Somebody began to pay the order in another way, or another amount. */
export function paidOtherwise(live: PaymentRow): Problem {
  return new Problem({
    status: 409,
    kind: 'paid-otherwise',
    title: 'The order is being paid in another way',
    detail: `Payment "${live.id}" of order "${live.order_id}" is under way with another method or amount.`,
    members: { payment_id: live.id },
  });
}

export function alreadyRefunded(refund: RefundRow): Problem {
  return new Problem({
    status: 409,
    kind: 'already-refunded',
    title: 'The payment is already refunded',
    detail: `Payment "${refund.payment_id}" was refunded by refund "${refund.id}".`,
    members: { refund_id: refund.id },
  });
}

export function notRefundable(payment: PaymentRow): Problem {
  return new Problem({
    status: 409,
    kind: 'not-refundable',
    title: 'There is nothing to refund',
    detail: `Payment "${payment.id}" is "${payment.status}".`,
    members: { payment_id: payment.id },
  });
}
