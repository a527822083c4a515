import {
  type Consumer,
  eventData,
  type Logger,
  Problem,
  type ShopEvent,
  type Transaction,
} from '../kit/index.ts';
import type { Expiry } from './expiry.ts';
import { mergeItems } from './movements.ts';
import type { OrderReservations } from './order-reservations.ts';
import type { Item } from './store.ts';

/** What inventory reads of what becomes of orders. */
interface OrderChange {
  order_id: string;
  /** Stock follows only an asynchronous order: for the others, it was asked for over HTTP, or is not kept. */
  mode: 'sync' | 'async';
  items: Item[];
}

const schema = {
  type: 'object',
  required: ['order_id', 'mode', 'items'],
  properties: {
    order_id: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
    mode: { enum: ['sync', 'async'] },
    items: {
      type: 'array',
      maxItems: 100,
      items: {
        type: 'object',
        required: ['product_id', 'quantity'],
        properties: {
          product_id: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
          quantity: { type: 'integer', minimum: 1, maximum: 1_000_000 },
        },
      },
    },
  },
};

interface StockParts {
  reservations: OrderReservations;
  expiry: Expiry;
  log: Logger;
  /** Called when there is something that may expire. */
  onReserved: () => void;
}

/**
 * Stock follows asynchronous orders: reserved, sold, free again. Where the order has asked for that over HTTP, its events
 * find it done. Events may come twice, late and in any order; an order that was given up once never gets stock again.
 */
export function orderStock(parts: StockParts): Consumer<OrderChange, never> {
  return {
    queue: 'inventory.order.created',
    read: eventData<OrderChange>(schema),
    handle: (event, transaction) => follow(parts, event, transaction),
    committed: parts.onReserved,
  };
}

async function follow(
  { reservations, expiry, log }: StockParts,
  { type, data }: ShopEvent<OrderChange>,
  transaction: Transaction,
): Promise<void> {
  const items = mergeItems(data.items);
  if (data.mode !== 'async' || items.length === 0) return;
  const orderId = data.order_id;
  await expiry.expireIn(transaction);
  switch (type) {
    case 'order.created':
      return await orWarn(log, orderId, () => reservations.reserve(transaction, orderId, items));
    case 'order.confirmed':
      return await orWarn(log, orderId, () => reservations.sell(transaction, orderId, items));
    default:
      return await reservations.giveUp(transaction, orderId, items);
  }
}

/** Too little stock is nothing that another attempt would mend. Nothing was moved then: all items or none. */
async function orWarn(log: Logger, orderId: string, work: () => Promise<void>): Promise<void> {
  await work().catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    log.warn({ order_id: orderId, kind: error.facts.kind }, `no stock for an order: ${error.message}`);
  });
}
