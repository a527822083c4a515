import { notFound, parseMoney, type Upstream, upstreamNonsense } from '../kit/index.ts';

/** What a payment has to know of an order; `total` in minor units. */
export interface Order {
  id: string;
  userId: string;
  userEmail?: string;
  total: number;
  status: string;
}

/** Orders, as the orders service keeps them. Throws 502 to 504 when there is no usable answer. */
export interface OrderBook {
  /** Throws 404 for an unknown order. */
  get(id: string, signal?: AbortSignal): Promise<Order>;
  /** The order after the move; undefined when the move is not legal from the state that the order has by now. */
  setStatus(id: string, status: string, signal?: AbortSignal): Promise<Order | undefined>;
}

export function createOrderBook(orders: Upstream): OrderBook {
  const pathOf = (id: string) => `/api/orders/${encodeURIComponent(id)}`;
  return {
    get: async (id, signal) => {
      const answer = await orders.call({
        method: 'GET',
        path: pathOf(id),
        ...(signal === undefined ? {} : { signal }),
      });
      if (answer.status === 404) throw notFound('order', id);
      return readOrder(answer);
    },
    setStatus: async (id, status, signal) => {
      const answer = await orders.call({
        method: 'PUT',
        path: `${pathOf(id)}/status`,
        body: { status },
        ...(signal === undefined ? {} : { signal }),
      });
      return answer.status === 409 ? undefined : readOrder(answer);
    },
  };
}

function readOrder({ status: answered, body }: { status: number; body: unknown }): Order {
  if (answered === 200 && typeof body === 'object' && body !== null) {
    const { id, user_id: userId, user_email, total_amount, status }: Record<string, unknown> = { ...body };
    const total = parseMoney(total_amount);
    const isWhole = typeof id === 'string' && typeof userId === 'string' && typeof status === 'string';
    const email = typeof user_email === 'string' ? { userEmail: user_email } : {};
    if (isWhole && total !== undefined) return { id, userId, total, status, ...email };
  }
  throw upstreamNonsense('orders', `answered ${answered} without an order`);
}
