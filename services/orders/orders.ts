import {
  type Clock,
  type Listed,
  notFound,
  type Page,
  type ServiceParts,
  type Store,
  timestamp,
} from '../kit/index.ts';
import { type CheckoutStore, isUnderWay } from './checkout/index.ts';
import type { OrderNews } from './news.ts';
import { checkoutInProgress, type OrderStatus, requireLegalMove } from './status.ts';
import type { Item, OrderRow, OrdersStore } from './store.ts';
import type { UserDirectory } from './user-directory.ts';

/** `total` in minor units. */
interface NewOrder {
  userId: string;
  items: readonly Item[];
  total: number;
}

/** The rules of the orders service. Errors that callers may see are `Problem`s. */
export interface Orders {
  list(page: Page): Promise<Listed<OrderRow>>;
  listOfUser(userId: string, page: Page): Promise<Listed<OrderRow>>;
  get(id: string): Promise<OrderRow>;
  /** Whether the order came about by a checkout, so that money and stock hang on it. */
  isBought(id: string): Promise<boolean>;
  /** Asks the users service whether the user exists before anything is written. */
  create(order: NewOrder, signal: AbortSignal): Promise<OrderRow>;
  /** 409 for an illegal move and during a checkout; the state that the order has already is no move. */
  setStatus(id: string, status: OrderStatus): Promise<OrderRow>;
}

interface OrdersParts {
  store: Store;
  rows: OrdersStore;
  checkouts: CheckoutStore;
  directory: UserDirectory;
  news: OrderNews;
  clock: Clock;
  newId: ServiceParts['newId'];
}

export function createOrders({ store, rows, checkouts, directory, news, clock, newId }: OrdersParts): Orders {
  return {
    list: rows.list,
    listOfUser: rows.listOfUser,
    get: async (id) => (await rows.find(id)) ?? unknownOrder(id),
    isBought: async (id) => (await checkouts.find(store.read, id)) !== undefined,
    create: async ({ userId, items, total }, signal) => {
      const email = await directory.emailOf(userId, signal);
      return await store.transaction(async (transaction) => {
        const now = timestamp(clock);
        const order = {
          id: await newId(transaction, 'orders'),
          user_id: userId,
          items: JSON.stringify(items),
          total,
          status: 'created',
          user_email: email,
          shipping_address: null,
          processing_duration_ms: null,
          created_at: now,
          updated_at: now,
        } as const;
        await rows.insert(transaction, order);
        await news.created(transaction, order, { mode: 'sync' });
        return order;
      });
    },
    setStatus: (id, status) =>
      store.transaction(async (transaction) => {
        const order = (await rows.findIn(transaction, id)) ?? unknownOrder(id);
        if (order.status === status) return order;
        const checkout = await checkouts.find(transaction, id);
        if (isUnderWay(checkout)) throw checkoutInProgress(id);
        requireLegalMove(order.status, status);
        const moved = { ...order, status, updated_at: timestamp(clock) };
        await rows.setStatus(transaction, moved);
        await news.moved(transaction, moved, { mode: checkout?.mode ?? 'sync' });
        return moved;
      }),
  };
}

function unknownOrder(id: string): never {
  throw notFound('order', id);
}
