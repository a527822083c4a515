import { type Logger, type Upstream, upstreamNonsense } from '../kit/index.ts';

/** What somebody has bought, as the orders service knows it. */
export interface OrderHistory {
  /** Pieces by product. Empty when nobody can tell, because the orders service is away, slow or not part of this shop. */
  boughtBy(userId: string, signal: AbortSignal): Promise<Map<string, number>>;
}

const calledOff = ['cancelled', 'failed', 'refunded'];

/** `orders` is undefined where the shop has none. */
export function createOrderHistory(orders: Upstream | undefined, log: Logger): OrderHistory {
  return {
    boughtBy: async (userId, signal) => {
      if (orders === undefined) return new Map();
      return await askFor(orders, userId, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        log.warn({ err: error }, 'recommendations are made without the orders');
        return new Map<string, number>();
      });
    },
  };
}

async function askFor(orders: Upstream, userId: string, signal: AbortSignal): Promise<Map<string, number>> {
  const path = `/api/users/${encodeURIComponent(userId)}/orders?limit=500`;
  const { status, body } = await orders.call({ method: 'GET', path, signal });
  const list = member(body, 'orders');
  if (status !== 200 || !Array.isArray(list)) {
    throw upstreamNonsense('orders', `answered ${status} without orders`);
  }
  const bought = new Map<string, number>();
  for (const order of list.filter((one: unknown) => !calledOff.includes(String(member(one, 'status'))))) {
    const items = member(order, 'items');
    for (const item of Array.isArray(items) ? items : []) {
      const productId = member(item, 'product_id');
      // Orders of the `balances` kind name their items in words, which say nothing about products.
      if (typeof productId !== 'string') continue;
      bought.set(productId, (bought.get(productId) ?? 0) + Number(member(item, 'quantity') ?? 1));
    }
  }
  return bought;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
