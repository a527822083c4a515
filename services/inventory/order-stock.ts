import {
  type Consumer,
  type Logger,
  Problem,
  readEvent,
  type ShopEvent,
  type Transaction,
} from '../kit/index.ts';
import type { Expiry } from './expiry.ts';
import { mergeItems } from './movements.ts';
import type { OrderReservations } from './order-reservations.ts';

const readChange = readEvent('order.created', 'order.confirmed', 'order.cancelled', 'order.failed');

type OrderChange = ReturnType<typeof readChange>;

interface StockParts {
  reservations: OrderReservations;
  expiry: Expiry;
  log: Logger;
  /** Called when there is something that may expire. */
  onReserved: () => void;
}

/**
 * Stock follows asynchronous orders: reserved, sold, free again; that of the others is asked for over HTTP. Where an
 * asynchronous order has asked for it over HTTP too, its events find it done. Events may come twice, late and in any
 * order; an order that was given up once never gets stock again.
 */
export function orderStock(parts: StockParts): Consumer<OrderChange, never> {
  return {
    queue: 'inventory.order.created',
    read: readChange,
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
