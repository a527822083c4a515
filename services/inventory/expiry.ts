import { type Clock, type Logger, type Store, type Transaction, timestamp } from '../kit/index.ts';
import { moveItems } from './movements.ts';
import type { InventoryStore } from './store.ts';

/** What ends reservations that nobody confirmed in time. */
export interface Expiry {
  /** Frees the stock of every reservation whose time is over. */
  expireDue(): Promise<void>;
  /** The same as a part of a transaction. */
  expireIn(transaction: Transaction): Promise<void>;
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
    expireIn: async (transaction) => {
      await expireIn(parts, transaction);
    },
    sweep: async () => {
      await expireDue(parts);
      return await parts.rows.countReserved();
    },
  };
}

async function expireDue(parts: ExpiryParts): Promise<void> {
  const { store, rows, clock, log } = parts;
  if (!(await rows.hasDue(timestamp(clock)))) return;
  const count = await store.transaction((transaction) => expireIn(parts, transaction));
  if (count > 0) log.info({ count }, 'reservations expired');
}

/** Answers how many there were. */
async function expireIn({ rows, clock }: ExpiryParts, transaction: Transaction): Promise<number> {
  const now = timestamp(clock);
  const due = await rows.listDue(transaction, now);
  for (const { order_id, items } of due) {
    const move = { orderId: order_id, from: 'reserved', to: 'expired', now } as const;
    if (await rows.advance(transaction, move))
      await moveItems({ rows, transaction }, 'release', { items, now });
  }
  return due.length;
}
