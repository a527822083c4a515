import { type Outcome, Problem, type RememberedRequest } from '../../kit/index.ts';
import { aboutOrder } from './answers.ts';
import { begin, type CheckoutParts, placeOnce } from './placing.ts';
import { placed } from './saga.ts';
import type { StockItem } from './stock-room.ts';
import { readFailure } from './store.ts';

/** What somebody wants to buy, and with which card. */
interface NewCheckout {
  userId: string;
  /** Undefined: what is in the user's cart. */
  items: readonly StockItem[] | undefined;
  /** As it was given; kept as JSON. */
  shippingAddress: unknown;
  cardToken: string;
  key: string | undefined;
  signal: AbortSignal;
}

/** Places orders. */
export interface Checkout {
  /** The confirmed order (201), perhaps once more. Throws 402, 404, 409, 422, and 502 to 504, with the order's id if there is one. */
  place(asked: NewCheckout): Promise<Outcome>;
}

export function createCheckout(parts: CheckoutParts): Checkout {
  return {
    place: async (asked) => {
      const { key, signal, userId, items = null, shippingAddress = null, cardToken } = asked;
      return await placeOnce(parts, {
        operation: 'checkout',
        what: { userId, items, shippingAddress, cardToken },
        key,
        signal,
        placeNew: (request) => placeNew(parts, asked, request),
        goOn: (orderId) => finish(parts, orderId),
      });
    },
  };
}

async function placeNew(
  parts: CheckoutParts,
  { userId, items, shippingAddress, cardToken, signal }: NewCheckout,
  request: RememberedRequest | undefined,
): Promise<Outcome> {
  const [email, basket] = await Promise.all([
    parts.directory.emailOf(userId, signal),
    items === undefined ? parts.baskets.ofCart(userId, signal) : parts.baskets.ofItems(items, signal),
  ]);
  signal.throwIfAborted();
  const checkout = { mode: 'sync', card_token: cardToken, deadline: null, has_stock: 1 } as const;
  const orderId = await begin(parts, { userId, email, basket, shippingAddress, request, checkout });
  return await finish(parts, orderId);
}

/** The saga as far as it goes now, and what to answer then. Whoever leaves early does not stop it. */
async function finish(parts: CheckoutParts, orderId: string): Promise<Outcome> {
  return await parts.lock.run(`order ${orderId}`, async () => {
    const waiting = await parts.saga.run(orderId).then(
      () => undefined,
      (error: unknown) => {
        parts.leftUnfinished();
        if (error instanceof Problem) return error;
        throw error;
      },
    );
    const order = await parts.orders.find(orderId);
    if (order?.status === 'confirmed') return placed(order);
    const checkout = await parts.checkouts.find(parts.store.read, orderId);
    const failure = checkout === undefined ? undefined : readFailure(checkout);
    throw new Problem(failure ?? aboutOrder(waiting?.facts ?? goneOn(order?.status), orderId), {
      cause: waiting,
    });
  });
}

/** The order was begun before, under the same key, and called off meanwhile. */
function goneOn(status = 'gone') {
  const detail = `The order is "${status}" by now.`;
  return { status: 409, kind: 'order-went-on', title: 'The order has another state by now', detail };
}
