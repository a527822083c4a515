import { formatMoney, type Upstream, upstreamNonsense } from '../../kit/index.ts';
import { refusal } from './answers.ts';

/** What is charged to a card; `amount` in minor units. */
interface Charge {
  orderId: string;
  userId: string;
  /** Where whoever tells people of payments writes to. */
  email: string | null;
  amount: number;
  token: string;
}

/** Where orders are paid: the payments service. Every call can be repeated. Throws as `StockRoom` does. */
export interface CardDesk {
  charge(charge: Charge, signal?: AbortSignal): Promise<void>;
  /** What was taken for the order goes back, and nothing is taken any more. */
  close(orderId: string, signal?: AbortSignal): Promise<void>;
}

export function createCardDesk(payments: Upstream): CardDesk {
  return {
    charge: async ({ orderId, userId, email, amount, token }, signal) => {
      const answer = await payments.call({
        method: 'POST',
        path: '/payment/process',
        body: {
          order_id: orderId,
          user_id: userId,
          ...(email === null ? {} : { user_email: email }),
          amount: formatMoney(amount),
          payment_method: { type: 'card', token },
        },
        idempotencyKey: `order:${orderId}:pay`,
        ...(signal === undefined ? {} : { signal }),
      });
      if (answer.status === 201) return;
      if (answer.status < 400) throw upstreamNonsense('payments', `answered a charge with ${answer.status}`);
      throw refusal(answer, answer.status === 402 ? 402 : 409, 'not-payable');
    },
    close: async (orderId, signal) => {
      const { status } = await payments.call({
        method: 'POST',
        path: '/payment/refund',
        body: { order_id: orderId },
        idempotencyKey: `order:${orderId}:refund`,
        ...(signal === undefined ? {} : { signal }),
      });
      if (status >= 400) throw upstreamNonsense('payments', `answered a refund with ${status}`);
    },
  };
}
