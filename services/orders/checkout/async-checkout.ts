import {
  invalidRequest,
  type Outcome,
  Problem,
  type RememberedRequest,
  recordOutcome,
  unavailable,
} from '../../kit/index.ts';
import type { Basket, PricedItem } from './baskets.ts';
import { begin, type CheckoutParts, placeOnce } from './placing.ts';
import { accepted, requestOf } from './saga.ts';
import { readFailure } from './store.ts';

/** What somebody wants to buy without waiting for it. */
interface NewAsyncCheckout {
  userId: string;
  /** Needed in a shop without users; in one with users it has to be theirs. */
  email: string | undefined;
  /** Undefined: what is in the user's cart. Prices are needed in a shop without products. */
  items: readonly PricedItem[] | undefined;
  /** As it was given; kept as JSON. */
  shippingAddress: unknown;
  /** Undefined: the customer's default card. */
  cardToken: string | undefined;
  key: string | undefined;
  signal: AbortSignal;
}

/** Places orders that are paid and confirmed later, by events. */
export interface AsyncCheckout {
  /**
   * The order as it is (202), perhaps once more. Throws 400, 404, 409 (also when the stock is known to be too small), 422,
   * and 502 to 504; where the order was written down, its id is told.
   */
  accept(asked: NewAsyncCheckout): Promise<Outcome>;
}

export interface AsyncCheckoutParts extends CheckoutParts {
  /** What this shop has. Without broker and payments nobody buys asynchronously. */
  has: (name: 'broker' | 'users' | 'products' | 'inventory' | 'payments') => boolean;
  /** How long an order waits for its payment before it is given up. */
  timeoutMs: number;
  /** How long whoever asks waits to hear that the stock is too small. */
  patienceMs: number;
}

export function createAsyncCheckout(parts: AsyncCheckoutParts): AsyncCheckout {
  return {
    accept: async (asked) => {
      const {
        key,
        signal,
        userId,
        email = null,
        items = null,
        shippingAddress = null,
        cardToken = null,
      } = asked;
      requireParties(parts);
      return await placeOnce(parts, {
        operation: 'asynchronous checkout',
        what: { userId, email, items, shippingAddress, cardToken },
        key,
        signal,
        placeNew: (request) => placeNew(parts, asked, request),
        goOn: (orderId) => goOn(parts, orderId),
      });
    },
  };
}

/** An order that cannot be called off again at payments must not be charged by an event. */
function requireParties({ has }: AsyncCheckoutParts): void {
  if (!has('broker'))
    throw unavailable(
      'no-broker',
      'This shop runs without a message broker, so nothing is bought asynchronously.',
    );
  if (!has('payments')) throw unavailable('not-configured', 'This shop runs without the payments service.');
}

async function placeNew(
  parts: AsyncCheckoutParts,
  asked: NewAsyncCheckout,
  request: RememberedRequest | undefined,
): Promise<Outcome> {
  const { userId, shippingAddress, cardToken, signal } = asked;
  const [email, basket] = await Promise.all([emailFor(parts, asked), basketFor(parts, asked)]);
  signal.throwIfAborted();
  const checkout = {
    mode: 'async',
    card_token: cardToken ?? null,
    deadline: new Date(parts.clock.now() + parts.timeoutMs).toISOString(),
    has_stock: parts.has('inventory') ? 1 : 0,
  } as const;
  const orderId = await begin(parts, { userId, email, basket, shippingAddress, request, checkout });
  return await goOn(parts, orderId);
}

async function emailFor(
  { has, directory }: AsyncCheckoutParts,
  { userId, email, signal }: NewAsyncCheckout,
): Promise<string> {
  if (!has('users')) return email ?? missing('#/user_email');
  const known = await directory.emailOf(userId, signal);
  if (email !== undefined && email.toLowerCase() !== known.toLowerCase()) throw otherEmail(userId);
  return known;
}

async function basketFor(
  { has, baskets }: AsyncCheckoutParts,
  { userId, items, signal }: NewAsyncCheckout,
): Promise<Basket> {
  if (items === undefined) return await baskets.ofCart(userId, signal);
  if (!has('products')) return baskets.asGiven(items);
  const basket = await baskets.ofItems(items, signal);
  for (const { product_id, price } of items) {
    const now = basket.items.find((item) => item.product_id === product_id)?.price;
    if (price !== undefined && price !== now) throw otherPrice(product_id);
  }
  return basket;
}

/** The saga as far as it goes within our patience, and what to answer then; the rest goes on in the background. */
async function goOn(parts: AsyncCheckoutParts, orderId: string): Promise<Outcome> {
  const { store, orders, checkouts, lock, leftUnfinished } = parts;
  await lock.run(`order ${orderId}`, () => runPatiently(parts, orderId));
  leftUnfinished();
  return await store.transaction(async (transaction) => {
    const order = await orders.findIn(transaction, orderId);
    const checkout = await checkouts.find(transaction, orderId);
    if (order === undefined || checkout === undefined) throw new Error(`order "${orderId}" is gone`);
    const failure = readFailure(checkout);
    if (failure !== undefined) throw new Problem(failure);
    await recordOutcome(transaction, requestOf(checkout), accepted(order));
    return accepted(order);
  });
}

async function runPatiently(
  { saga, clock, log, patienceMs }: AsyncCheckoutParts,
  orderId: string,
): Promise<void> {
  const done = new AbortController();
  const impatient = new AbortController();
  const timer = clock.sleep(patienceMs, done.signal).then(
    () => impatient.abort(),
    () => undefined,
  );
  try {
    await saga.run(orderId, impatient.signal);
  } catch (error) {
    if (!(error instanceof Problem) && !impatient.signal.aborted) throw error;
    log.info({ order_id: orderId, reason: String(error) }, 'the checkout goes on in the background');
  } finally {
    done.abort();
    await timer;
  }
}

function missing(pointer: string): never {
  throw invalidRequest([{ pointer, message: 'is required' }]);
}

function otherEmail(userId: string): Problem {
  return new Problem({
    status: 409,
    kind: 'other-email',
    title: 'The e-mail address is another one',
    detail: `That is not the e-mail address of user "${userId}"; leave it out to have it looked up.`,
  });
}

function otherPrice(productId: string): Problem {
  return new Problem({
    status: 409,
    kind: 'other-price',
    title: 'The price is another one by now',
    detail: `Product "${productId}" has another price; leave the price out to buy at the price of now.`,
    members: { product_id: productId },
  });
}
