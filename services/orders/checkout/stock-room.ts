import { type Upstream, upstreamNonsense } from '../../kit/index.ts';
import { refusal } from './answers.ts';

export interface StockItem {
  product_id: string;
  quantity: number;
}

/**
 * Stock, as the inventory service keeps it; every call can be repeated. Throws a `Refusal` when it says no, and a 502 to
 * 504 problem when it is not known what happened.
 */
export interface StockRoom {
  reserve(orderId: string, items: readonly StockItem[], signal?: AbortSignal): Promise<void>;
  confirm(orderId: string, signal?: AbortSignal): Promise<void>;
  /** Nothing reserved for the order is fine too. */
  release(orderId: string, signal?: AbortSignal): Promise<void>;
}

export function createStockRoom(inventory: Upstream): StockRoom {
  const ask = async (
    what: 'reserve' | 'confirm' | 'release',
    body: { order_id: string },
    signal?: AbortSignal,
  ) =>
    await inventory.call({
      method: 'POST',
      path: `/inventory/${what}`,
      body,
      idempotencyKey: `order:${body.order_id}:${what}`,
      ...(signal === undefined ? {} : { signal }),
    });
  return {
    reserve: async (orderId, items, signal) => {
      const body = { order_id: orderId, items };
      const answer = await ask('reserve', body, signal);
      if (answer.status >= 400) throw refusal(answer, 409, 'not-reservable');
    },
    confirm: async (orderId, signal) => {
      const answer = await ask('confirm', { order_id: orderId }, signal);
      if (answer.status >= 400) throw refusal(answer, 409, 'reservation-ended');
    },
    release: async (orderId, signal) => {
      const { status } = await ask('release', { order_id: orderId }, signal);
      if (status >= 400 && status !== 404)
        throw upstreamNonsense('inventory', `answered a release with ${status}`);
    },
  };
}
