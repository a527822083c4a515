import {
  fingerprint,
  type KeyedLock,
  keyReused,
  maxMinorUnits,
  type Outcome,
  once,
  Problem,
  type RememberedRequest,
  replayed,
  type ServiceParts,
  timestamp,
} from '../../kit/index.ts';
import type { UserDirectory } from '../user-directory.ts';
import { aboutOrder } from './answers.ts';
import type { Basket } from './baskets.ts';
import { placed, type Saga, type SagaParts } from './saga.ts';
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

export interface CheckoutParts extends SagaParts {
  saga: Saga;
  directory: UserDirectory;
  lock: KeyedLock;
  newId: ServiceParts['newId'];
  /** Says that something is left to finish in the background. */
  leftUnfinished: () => void;
}

export function createCheckout(parts: CheckoutParts): Checkout {
  return {
    place: async (asked) => {
      const { key, userId, items = null, shippingAddress = null, cardToken } = asked;
      if (key === undefined) return await placeNew(parts, asked, undefined);
      const what = { userId, items, shippingAddress, cardToken };
      const request = { key, fingerprint: fingerprint('checkout', what) };
      return await parts.lock.run(`key ${key}`, () => placeOnce(parts, asked, request));
    },
  };
}

async function placeOnce(
  parts: CheckoutParts,
  asked: NewCheckout,
  request: RememberedRequest,
): Promise<Outcome> {
  asked.signal.throwIfAborted();
  const earlier = await once(parts.store.read, request);
  if (earlier !== undefined) return replayed(earlier);
  const begun = await parts.checkouts.findUnderWay(request.key);
  if (begun === undefined) return await placeNew(parts, asked, request);
  if (begun.fingerprint !== request.fingerprint) throw keyReused();
  return await finish(parts, begun.order_id);
}

async function placeNew(
  parts: CheckoutParts,
  asked: NewCheckout,
  request: RememberedRequest | undefined,
): Promise<Outcome> {
  const { userId, items, signal } = asked;
  const [email, basket] = await Promise.all([
    parts.directory.emailOf(userId, signal),
    items === undefined ? parts.baskets.ofCart(userId, signal) : parts.baskets.ofItems(items, signal),
  ]);
  signal.throwIfAborted();
  const orderId = await begin(parts, { ...asked, email, basket }, request);
  return await finish(parts, orderId);
}

async function begin(
  { store, orders, checkouts, clock, newId }: CheckoutParts,
  asked: NewCheckout & { email: string; basket: Basket },
  request: RememberedRequest | undefined,
): Promise<string> {
  const { userId, email, basket, cardToken, shippingAddress } = asked;
  const total = requirePayable(basket);
  return await store.transaction(async (transaction) => {
    const now = timestamp(clock);
    const id = await newId(transaction, 'orders');
    await orders.insert(transaction, {
      id,
      user_id: userId,
      items: JSON.stringify(basket.items),
      total,
      status: 'created',
      user_email: email,
      shipping_address: shippingAddress === undefined ? null : JSON.stringify(shippingAddress),
      processing_duration_ms: null,
      created_at: now,
      updated_at: now,
    });
    await checkouts.insert(transaction, {
      order_id: id,
      step: 'reserve',
      verdict: 'failed',
      failure: null,
      card_token: cardToken,
      cart_version: basket.cartVersion,
      idempotency_key: request?.key ?? null,
      fingerprint: request?.fingerprint ?? null,
      attempts: 0,
      started_at: now,
    });
    return id;
  });
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

/** Minor units; 409 when it is nothing, or more than anybody can pay. */
function requirePayable({ items }: Basket): number {
  const total = items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
  if (total > 0 && total <= maxMinorUnits) return total;
  throw new Problem({
    status: 409,
    kind: 'not-payable',
    title: 'The order cannot be paid',
    detail: total === 0 ? 'The order costs nothing.' : 'Nobody can pay for so much.',
  });
}
