import { notFound, type Problem } from '../kit/index.ts';
import type { Balances } from './balances.ts';
import { declined } from './refusals.ts';
import type { PaymentRow, RefundRow } from './store.ts';

/** Whether the money was taken; `transactionId` is what the other side calls the movement, if it has a name for it. */
export type Taken = { kind: 'taken'; transactionId?: string } | { kind: 'refused'; problem: Problem };

export interface TakeOptions {
  /** What stands for the card; not known when a payment is taken up after a crash. */
  token?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Where the money of a payment comes from and goes back to. Asking again for the same payment moves nothing more.
 * Throws 502 to 504 when it is not known what happened.
 */
export interface Purse {
  take(payment: PaymentRow, options: TakeOptions): Promise<Taken>;
  giveBack(payment: PaymentRow, refund: RefundRow, signal?: AbortSignal): Promise<void>;
}

/** The user's balance at the users service. */
export function balancePurse(balances: Balances): Purse {
  return {
    take: async (payment, { signal }) => {
      const { id, user_id: userId, amount, order_id: orderId } = payment;
      const movement = { id: `payment:${id}:debit`, userId, amount, reference: `order ${orderId}` };
      const result = await balances.debit(movement, signal);
      if (result === 'taken') return { kind: 'taken' };
      const problem = result === 'unknown-user' ? notFound('user', userId) : declined(payment);
      return { kind: 'refused', problem };
    },
    giveBack: async ({ id, user_id: userId, amount }, refund, signal) => {
      const movement = { id: `payment:${id}:refund`, userId, amount, reference: `refund ${refund.id}` };
      await balances.credit(movement, signal);
    },
  };
}
