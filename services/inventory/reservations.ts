import {
  type Clock,
  fingerprint,
  notFound,
  type Outcome,
  once,
  recordOutcome,
  replayed,
  type Store,
  type Transaction,
  timestamp,
} from '../kit/index.ts';
import type { Expiry } from './expiry.ts';
import { mergeItems, moveItems } from './movements.ts';
import { otherItems, reservationEnded } from './refusals.ts';
import type { InventoryStore, Item, ReservationRow } from './store.ts';

/** A request about the stock of one order. */
interface Asked {
  orderId: string;
  /** The idempotency key, if one was sent. */
  key: string | undefined;
  /** Aborted when whoever asked is gone; they may have decided otherwise meanwhile, so nothing happens then. */
  signal: AbortSignal;
}

/** An order has one reservation in its life; each of these can be asked again without a second effect. */
export interface Reservations {
  /** All items or none: 409 when one is short. 201 the first time, 200 with the same items again. */
  reserve(asked: Asked & { items: readonly Item[] }): Promise<Outcome>;
  /** What is reserved is sold. 404 for an order without reservation, 409 when it has ended. */
  confirm(asked: Asked): Promise<Outcome>;
  /** What is reserved, or already sold, is available again. 404 for an order without reservation. */
  release(asked: Asked): Promise<Outcome>;
}

interface ReservationsParts {
  store: Store;
  rows: InventoryStore;
  expiry: Expiry;
  clock: Clock;
  /** How long a reservation waits for its confirmation. */
  ttlMs: number;
  /** Called when there is something that may expire. */
  onReserved: () => void;
}

export function createReservations(parts: ReservationsParts): Reservations {
  return {
    reserve: async (asked) => {
      const items = mergeItems(asked.items);
      const outcome = await atOnce(parts, { ...asked, operation: 'reserve', items }, (transaction) =>
        reserve(parts, transaction, { orderId: asked.orderId, items }),
      );
      parts.onReserved();
      return outcome;
    },
    confirm: (asked) =>
      atOnce(parts, { ...asked, operation: 'confirm' }, (transaction) =>
        confirm(parts, transaction, asked.orderId),
      ),
    release: (asked) =>
      atOnce(parts, { ...asked, operation: 'release' }, (transaction) =>
        release(parts, transaction, asked.orderId),
      ),
  };
}

/** The effect and the memory of its idempotency key in one transaction. */
async function atOnce(
  { store, expiry }: ReservationsParts,
  { operation, key, signal, ...what }: Asked & { operation: string; items?: readonly Item[] },
  work: (transaction: Transaction) => Promise<Outcome>,
): Promise<Outcome> {
  const request = key === undefined ? undefined : { key, fingerprint: fingerprint(operation, what) };
  await expiry.expireDue();
  return await store.transaction(async (transaction) => {
    signal.throwIfAborted();
    const earlier = await once(transaction, request);
    if (earlier !== undefined) return replayed(earlier);
    const outcome = await work(transaction);
    await recordOutcome(transaction, request, outcome);
    return outcome;
  });
}

async function reserve(
  { rows, clock, ttlMs }: ReservationsParts,
  transaction: Transaction,
  { orderId, items }: { orderId: string; items: Item[] },
): Promise<Outcome> {
  const earlier = await rows.findReservation(transaction, orderId);
  if (earlier !== undefined) return reservedBefore(earlier, items);
  const now = timestamp(clock);
  await moveItems({ rows, transaction }, 'reserve', { items, now });
  const expires_at = new Date(clock.now() + ttlMs).toISOString();
  const facts = { order_id: orderId, items, expires_at, created_at: now, updated_at: now };
  const reservation: ReservationRow = { ...facts, status: 'reserved' };
  await rows.insertReservation(transaction, reservation);
  return answer(201, reservation);
}

function reservedBefore(earlier: ReservationRow, items: readonly Item[]): Outcome {
  if (JSON.stringify(earlier.items) !== JSON.stringify(items)) throw otherItems(earlier);
  if (earlier.status === 'released' || earlier.status === 'expired') throw reservationEnded(earlier);
  return answer(200, earlier);
}

async function confirm(
  { rows, clock }: ReservationsParts,
  transaction: Transaction,
  orderId: string,
): Promise<Outcome> {
  const reservation = await requireReservation(rows, transaction, orderId);
  const { status, items } = reservation;
  if (status === 'confirmed') return answer(200, reservation);
  if (status !== 'reserved') throw reservationEnded(reservation);
  const now = timestamp(clock);
  const isMine = await rows.advance(transaction, { orderId, from: status, to: 'confirmed', now });
  if (isMine) await moveItems({ rows, transaction }, 'confirm', { items, now });
  return answer(200, { ...reservation, status: 'confirmed' });
}

async function release(
  { rows, clock }: ReservationsParts,
  transaction: Transaction,
  orderId: string,
): Promise<Outcome> {
  const reservation = await requireReservation(rows, transaction, orderId);
  const { status, items } = reservation;
  if (status === 'released' || status === 'expired') return answer(200, reservation);
  const now = timestamp(clock);
  const isMine = await rows.advance(transaction, { orderId, from: status, to: 'released', now });
  const movement = status === 'confirmed' ? 'takeBack' : 'release';
  if (isMine) await moveItems({ rows, transaction }, movement, { items, now });
  return answer(200, { ...reservation, status: 'released' });
}

async function requireReservation(
  rows: InventoryStore,
  transaction: Transaction,
  orderId: string,
): Promise<ReservationRow> {
  const reservation = await rows.findReservation(transaction, orderId);
  if (reservation === undefined) throw notFound('reservation', orderId);
  return reservation;
}

function answer(status: number, { order_id, status: state, items, expires_at }: ReservationRow): Outcome {
  return { status, body: { order_id, status: state, items, expires_at }, headers: {} };
}
