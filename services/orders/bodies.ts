import { formatMoney } from '../kit/index.ts';
import type { Item, OrderRow } from './store.ts';

/** An order as it is answered. */
export function orderBody(order: OrderRow) {
  const items: Item[] = JSON.parse(order.items);
  const address: unknown = order.shipping_address === null ? undefined : JSON.parse(order.shipping_address);
  return {
    id: order.id,
    order_id: order.id,
    user_id: order.user_id,
    items: items.map((item) =>
      typeof item === 'string' ? item : { ...item, price: formatMoney(item.price) },
    ),
    total: formatMoney(order.total),
    total_amount: formatMoney(order.total),
    status: order.status,
    ...(order.user_email === null ? {} : { user_email: order.user_email }),
    ...(address === undefined ? {} : { shipping_address: address }),
    ...(order.processing_duration_ms === null
      ? {}
      : { processing_duration_ms: order.processing_duration_ms }),
    created_at: order.created_at,
    updated_at: order.updated_at,
  };
}
