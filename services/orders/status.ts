import { Problem } from '../kit/index.ts';

/**
 * Where an order may go from each state. Until it is paid it may be called off; from then on its money goes back by a
 * refund. `created → paid` is for topologies in which no inventory reserves anything.
 */
const moves = {
  created: ['reserved', 'paid', 'cancelled', 'failed'],
  reserved: ['paid', 'cancelled', 'failed'],
  paid: ['confirmed', 'refunded'],
  confirmed: ['shipped', 'refunded'],
  shipped: ['delivered', 'refunded'],
  delivered: ['refunded'],
  cancelled: [],
  failed: [],
  refunded: [],
} as const satisfies Record<string, readonly string[]>;

export type OrderStatus = keyof typeof moves;

/** Throws 409, naming both states, when an order cannot go from one to the other. */
export function requireLegalMove(from: OrderStatus, to: OrderStatus): void {
  const allowed: readonly OrderStatus[] = moves[from];
  if (allowed.includes(to)) return;
  throw new Problem({
    status: 409,
    kind: 'illegal-transition',
    title: 'The order cannot make that move',
    detail: `An order cannot go from "${from}" to "${to}".`,
    members: { from, to },
  });
}

/** 409: while an order is bought, paid for or called off, its state follows from that alone. */
export function checkoutInProgress(orderId: string): Problem {
  return new Problem({
    status: 409,
    kind: 'checkout-in-progress',
    title: 'The checkout of the order is not over',
    detail: `The checkout of order "${orderId}" decides about its state until it is over.`,
  });
}
