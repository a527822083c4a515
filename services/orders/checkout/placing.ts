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
import type { Basket } from './baskets.ts';
import type { Saga, SagaParts } from './saga.ts';
import type { CheckoutRow } from './store.ts';

export interface CheckoutParts extends SagaParts {
  saga: Saga;
  directory: UserDirectory;
  lock: KeyedLock;
  newId: ServiceParts['newId'];
  /** Says that something is left to finish in the background. */
  leftUnfinished: () => void;
}

/** A request to place an order, and the two ways to answer it. */
interface Placing {
  /** What is asked, and how: the same key with anything else is refused. */
  operation: string;
  what: object;
  key: string | undefined;
  signal: AbortSignal;
  placeNew: (request: RememberedRequest | undefined) => Promise<Outcome>;
  /** For an order that the same request has begun before. */
  goOn: (orderId: string) => Promise<Outcome>;
}

/** One order for each idempotency key, however often and however simultaneously it is asked for. */
export async function placeOnce(
  { store, checkouts, lock }: CheckoutParts,
  { operation, what, key, signal, placeNew, goOn }: Placing,
): Promise<Outcome> {
  if (key === undefined) return await placeNew(undefined);
  const request = { key, fingerprint: fingerprint(operation, what) };
  return await lock.run(`key ${key}`, async () => {
    signal.throwIfAborted();
    const earlier = await once(store.read, request);
    if (earlier !== undefined) return replayed(earlier);
    const begun = await checkouts.findUnderWay(key);
    if (begun === undefined) return await placeNew(request);
    if (begun.fingerprint !== request.fingerprint) throw keyReused();
    return await goOn(begun.order_id);
  });
}

interface NewOrder {
  userId: string;
  email: string;
  basket: Basket;
  /** As it was given; kept as JSON. */
  shippingAddress: unknown;
  request: RememberedRequest | undefined;
  checkout: Pick<CheckoutRow, 'mode' | 'card_token' | 'deadline' | 'has_stock'>;
}

/** Writes an order down with its checkout, and answers its id. An order whose stock nobody keeps waits for its payment. */
export async function begin(
  { store, orders, checkouts, saga, clock, newId }: CheckoutParts,
  { userId, email, basket, shippingAddress, request, checkout }: NewOrder,
): Promise<string> {
  const total = requirePayable(basket);
  return await store.transaction(async (transaction) => {
    const now = timestamp(clock);
    const id = await newId(transaction, 'orders');
    const order = {
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
    } as const;
    const row: CheckoutRow = {
      ...checkout,
      order_id: id,
      step: 'reserve',
      verdict: 'failed',
      failure: null,
      cart_version: basket.cartVersion,
      idempotency_key: request?.key ?? null,
      fingerprint: request?.fingerprint ?? null,
      attempts: 0,
      started_at: now,
    };
    await orders.insert(transaction, order);
    await checkouts.insert(transaction, row);
    if (row.has_stock === 0) await saga.awaitPayment(transaction, order, row);
    return id;
  });
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
