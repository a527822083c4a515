import {
  invalidRequest,
  notFound,
  Problem,
  parseMoney,
  type Upstream,
  upstreamNonsense,
} from '../../kit/index.ts';
import type { StockItem } from './stock-room.ts';

/** Some pieces of a product, at the price in minor units that whoever buys expects. */
export interface PricedItem extends StockItem {
  price?: number | undefined;
}

/** What somebody buys; prices in minor units. */
export interface Basket {
  items: { product_id: string; quantity: number; price: number }[];
  /** The version of the cart that it comes from; null when it comes from none. */
  cartVersion: number | null;
}

/** What is to be bought: from a cart, or as it was asked for. Throws 404, 409, and 502 to 504. */
export interface Baskets {
  /** The user's cart with the prices at which things were put in. 409 when it is empty. */
  ofCart(userId: string, signal: AbortSignal): Promise<Basket>;
  /** At the prices of now. 404 for an unknown product. */
  ofItems(items: readonly StockItem[], signal: AbortSignal): Promise<Basket>;
  /** At the prices that are given, in a shop that knows none. 400 for an item without price, or with two. */
  asGiven(items: readonly PricedItem[]): Basket;
  /** Empties the cart unless it was changed since it had that version. */
  clearCart(userId: string, version: number, signal?: AbortSignal): Promise<void>;
}

export function createBaskets({ cart, products }: { cart: Upstream; products: Upstream }): Baskets {
  return {
    ofCart: async (userId, signal) => {
      const path = `/cart?user_id=${encodeURIComponent(userId)}`;
      const { status, body } = await cart.call({ method: 'GET', path, signal });
      const basket = status === 200 ? readCart(body) : undefined;
      if (basket === undefined) throw upstreamNonsense('cart', `answered ${status} without a cart`);
      if (basket.items.length === 0) throw emptyCart();
      return basket;
    },
    ofItems: async (items, signal) => {
      const wanted = quantities(items);
      const priced = await Promise.all(
        [...wanted].map(async ([product_id, quantity]) => ({
          product_id,
          quantity,
          price: await priceOf(products, product_id, signal),
        })),
      );
      return { items: priced, cartVersion: null };
    },
    asGiven: (items) => {
      const prices = pricesOf(items);
      const priced = [...quantities(items)].map(([product_id, quantity]) => ({
        product_id,
        quantity,
        price: prices.get(product_id) ?? 0,
      }));
      return { items: priced, cartVersion: null };
    },
    clearCart: async (userId, version, signal) => {
      const { status } = await cart.call({
        method: 'POST',
        path: '/cart/clear',
        body: { user_id: userId, version },
        ...(signal === undefined ? {} : { signal }),
      });
      // 409: something was put in or taken out meanwhile, and that is not ours to throw away.
      if (status !== 200 && status !== 409)
        throw upstreamNonsense('cart', `answered a clearing with ${status}`);
    },
  };
}

function quantities(items: readonly StockItem[]): Map<string, number> {
  const wanted = new Map<string, number>();
  for (const { product_id, quantity } of items) {
    wanted.set(product_id, (wanted.get(product_id) ?? 0) + quantity);
  }
  return wanted;
}

function pricesOf(items: readonly PricedItem[]): Map<string, number> {
  const prices = new Map<string, number>();
  for (const [index, { product_id, price }] of items.entries()) {
    const pointer = `#/items/${index}/price`;
    if (price === undefined) throw invalidRequest([{ pointer, message: 'is required' }]);
    if ((prices.get(product_id) ?? price) !== price)
      throw invalidRequest([{ pointer, message: 'must be the same for the same product' }]);
    prices.set(product_id, price);
  }
  return prices;
}

async function priceOf(products: Upstream, id: string, signal: AbortSignal): Promise<number> {
  const path = `/products/${encodeURIComponent(id)}`;
  const { status, body } = await products.call({ method: 'GET', path, signal });
  if (status === 404) throw notFound('product', id);
  const price =
    typeof body === 'object' && body !== null && 'price' in body ? parseMoney(body.price) : undefined;
  if (status !== 200 || price === undefined) {
    throw upstreamNonsense('products', `answered ${status} without a price`);
  }
  return price;
}

function readCart(body: unknown): Basket | undefined {
  const { version, items }: Record<string, unknown> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  if (typeof version !== 'number' || !Array.isArray(items)) return undefined;
  const lines = items.map(readLine);
  return lines.includes(undefined)
    ? undefined
    : { cartVersion: version, items: lines.filter((line) => line !== undefined) };
}

function readLine(line: unknown): Basket['items'][number] | undefined {
  const fields: Record<string, unknown> = typeof line === 'object' && line !== null ? { ...line } : {};
  const { product_id, quantity } = fields;
  const price = parseMoney(fields['price']);
  const isWhole = typeof product_id === 'string' && typeof quantity === 'number' && price !== undefined;
  return isWhole ? { product_id, quantity, price } : undefined;
}

function emptyCart(): Problem {
  return new Problem({
    status: 409,
    kind: 'empty-cart',
    title: 'The cart is empty',
    detail: 'There is nothing in the cart that could be ordered; put something in or name items.',
  });
}
