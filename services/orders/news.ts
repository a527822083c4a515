import { type Bus, type EventType, eventAbout, formatMoney, type Transaction } from '../kit/index.ts';
import type { OrderStatus } from './status.ts';
import type { Item, OrderRow } from './store.ts';

/** Whether whoever placed the order waited for its payment. An asynchronous order is charged by who consumes its event. */
export type Mode = 'sync' | 'async';

interface Circumstances {
  mode: Mode;
  /** The last part of a problem's type: why the order failed or was called off. */
  reason?: string | undefined;
  /** What stands for the card that an asynchronous order is to be charged to; null: the customer's default card. */
  cardToken?: string | null;
}

/** Tells the others what becomes of orders. */
export interface OrderNews {
  /** The order was placed. Written in the transaction that makes it true; throws a 503 problem (`outbox-full`). */
  created(transaction: Transaction, order: OrderRow, how: Circumstances): Promise<void>;
  /** The order has the state that it has now; a state that nobody is told of is left out. */
  moved(transaction: Transaction, order: OrderRow, how: Circumstances): Promise<void>;
}

/** An order that was paid and called off ends `refunded`; to those who hold stock for it, it is cancelled. */
const typeOf: Readonly<Partial<Record<OrderStatus, Extract<EventType, `order.${string}`>>>> = {
  paid: 'order.paid',
  confirmed: 'order.confirmed',
  shipped: 'order.shipped',
  cancelled: 'order.cancelled',
  refunded: 'order.cancelled',
  failed: 'order.failed',
};

export function createOrderNews(bus: Pick<Bus, 'publishLater'>): OrderNews {
  return {
    created: async (transaction, order, { mode, cardToken = null }) => {
      const card = cardToken === null ? {} : { payment_method: { type: 'card', token: cardToken } as const };
      const data = { ...factsOf(order), mode, ...card };
      await bus.publishLater(transaction, eventAbout('order.created', data));
    },
    moved: async (transaction, order, { mode, reason }) => {
      const type = typeOf[order.status];
      if (type === undefined) return;
      const why = reason === undefined ? {} : { reason };
      await bus.publishLater(transaction, eventAbout(type, { ...factsOf(order), mode, ...why }));
    },
  };
}

/** What every event of an order says. What has only a name, and no product id, is not among the items. */
function factsOf(order: OrderRow) {
  const items: Item[] = JSON.parse(order.items);
  return {
    order_id: order.id,
    user_id: order.user_id,
    ...(order.user_email === null ? {} : { user_email: order.user_email }),
    items: items.flatMap((item) =>
      typeof item === 'string' ? [] : [{ ...item, price: formatMoney(item.price) }],
    ),
    total: formatMoney(order.total),
    status: order.status,
  };
}
