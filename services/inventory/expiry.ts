import { type Clock, type Logger, type Store, timestamp } from '../kit/index.ts';
import { moveItems } from './movements.ts';
import type { InventoryStore } from './store.ts';

/** What ends reservations that nobody confirmed in time. */
export interface Expiry {
  /** Frees the stock of every reservation whose time is over. */
  expireDue(): Promise<void>;
  /** A pass of the background: as `expireDue`, and answers how many reservations may still expire. */
  sweep(): Promise<number>;
}

interface ExpiryParts {
  store: Store;
  rows: InventoryStore;
  clock: Clock;
  log: Logger;
}

export function createExpiry(parts: ExpiryParts): Expiry {
  return {
    expireDue: () => expireDue(parts),
    sweep: async () => {
      await expireDue(parts);
      return await parts.rows.countReserved();
    },
  };
}

async function expireDue({ store, rows, clock, log }: ExpiryParts): Promise<void> {
  const now = timestamp(clock);
  if (!(await rows.hasDue(now))) return;
  const count = await store.transaction(async (transaction) => {
    const due = await rows.listDue(transaction, now);
    for (const { order_id, items } of due) {
      const move = { orderId: order_id, from: 'reserved', to: 'expired', now } as const;
      if (await rows.advance(transaction, move))
        await moveItems({ rows, transaction }, 'release', { items, now });
    }
    return due.length;
  });
  if (count > 0) log.info({ count }, 'reservations expired');
}
