import { type Clock, type Transaction, timestamp } from '../kit/index.ts';
import { moveItems } from './movements.ts';
import { reservationEnded } from './refusals.ts';
import type { InventoryStore, Item, ReservationRow } from './store.ts';

/** What is reserved or sold for an order because of its events. Each can be asked again without a second effect. */
export interface OrderReservations {
  /** Unless the order has a reservation, in whatever state. Throws 404 or 409, and moves nothing, when there is too little. */
  reserve(transaction: Transaction, orderId: string, items: Item[]): Promise<void>;
  /** Also what was never reserved, when there is enough. Throws as `reserve`, and 409 for a reservation that has ended. */
  sell(transaction: Transaction, orderId: string, items: Item[]): Promise<void>;
  /** What is reserved or sold is available again, and an order without reservation never gets one. */
  giveUp(transaction: Transaction, orderId: string, items: Item[]): Promise<void>;
}

interface Parts {
  rows: InventoryStore;
  clock: Clock;
  /** How long a reservation waits for its confirmation. */
  ttlMs: number;
}

export function createOrderReservations({ rows, clock, ttlMs }: Parts): OrderReservations {
  const write = async (
    transaction: Transaction,
    { orderId, items, status }: { orderId: string; items: Item[]; status: ReservationRow['status'] },
  ) => {
    const now = timestamp(clock);
    const expires_at = new Date(clock.now() + ttlMs).toISOString();
    const facts = { order_id: orderId, items, expires_at, created_at: now, updated_at: now };
    await rows.insertReservation(transaction, { ...facts, status });
  };
  const reserve: OrderReservations['reserve'] = async (transaction, orderId, items) => {
    if ((await rows.findReservation(transaction, orderId)) !== undefined) return;
    const now = timestamp(clock);
    // A savepoint: too few of the last item must undo the first ones, and leave the transaction around it as it is.
    await transaction.transaction((inner) =>
      moveItems({ rows, transaction: inner }, 'reserve', { items, now }),
    );
    await write(transaction, { orderId, items, status: 'reserved' });
  };
  return {
    reserve,
    sell: async (transaction, orderId, items) => {
      await reserve(transaction, orderId, items);
      const reservation = await rows.findReservation(transaction, orderId);
      if (reservation === undefined || reservation.status === 'confirmed') return;
      if (reservation.status !== 'reserved') throw reservationEnded(reservation);
      const now = timestamp(clock);
      const isMine = await rows.advance(transaction, { orderId, from: 'reserved', to: 'confirmed', now });
      if (isMine) await moveItems({ rows, transaction }, 'confirm', { items: reservation.items, now });
    },
    giveUp: async (transaction, orderId, items) => {
      const reservation = await rows.findReservation(transaction, orderId);
      if (reservation === undefined) return await write(transaction, { orderId, items, status: 'released' });
      const { status } = reservation;
      if (status === 'released' || status === 'expired') return;
      const now = timestamp(clock);
      const movement = status === 'confirmed' ? 'takeBack' : 'release';
      if (await rows.advance(transaction, { orderId, from: status, to: 'released', now }))
        await moveItems({ rows, transaction }, movement, { items: reservation.items, now });
    },
  };
}
