import { minorUnits } from './amounts.ts';
import type { LoggedEvent } from './event-log.ts';
import type { Item } from './told.ts';

/** Where an order has got to, as far as its events tell. */
export const statuses = [
  'created',
  'paid',
  'confirmed',
  'shipped',
  'cancelled',
  'refunded',
  'failed',
] as const;
export type Status = (typeof statuses)[number];

/** Money that came or went, as decimal text, and when. */
export interface Movement {
  id: string;
  amount: string;
  time: string;
}

/** What is known of one order: the document that is kept for it. */
export interface OrderMetric {
  id: string;
  orderId: string;
  /** Decimal text; null while no event has named it. */
  amount: string | null;
  userId: string | null;
  /** When the order was made; until that is known, when it was first heard of. */
  timestamp: string;
  metadata: {
    status: Status;
    items: Item[];
    payments: Movement[];
    refunds: Movement[];
    failed_payments: number;
    reason: string | null;
    mode: string | null;
    last_event_at: string;
    events: number;
  };
}

/**
 * The document of an order. It follows from which events there are and not from the order in which they came: they are
 * put in the order in which they happened, and where two services' clocks may disagree (was it paid before it was
 * created?) nothing depends on that order either.
 */
export function orderMetricOf(orderId: string, events: readonly LoggedEvent[]): OrderMetric | undefined {
  const history = [...events].sort(byTime);
  const first = history[0];
  const last = history.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const created = history.find(({ type }) => type === 'order.created');
  // What the making of the order says goes before what is said of it later.
  const words = created === undefined ? history : [created, ...history];
  const payments = paymentsIn(history);
  const refunds = movements(history.filter(({ type }) => type === 'payment.refunded'));
  return {
    id: `order-${orderId}`,
    orderId,
    amount: firstOf(words, ({ data }) => data.total) ?? firstOf(words, ({ data }) => data.amount) ?? null,
    userId: firstOf(words, ({ user_id }) => user_id ?? undefined) ?? null,
    timestamp: (created ?? first).time,
    metadata: {
      status: statusOf(new Set(history.map(({ type }) => type)), { payments, refunds }),
      items: firstOf(words, ({ data }) => data.items) ?? [],
      payments,
      refunds,
      failed_payments: history.filter(({ type }) => type === 'payment.failed').length,
      reason: firstOf([...history].reverse(), ({ data }) => data.reason) ?? null,
      mode: firstOf(words, ({ data }) => data.mode) ?? null,
      last_event_at: last.time,
      events: history.length,
    },
  };
}

/** Two events of the same millisecond are told apart by their ids. Not by the database: collations differ. */
function byTime(a: LoggedEvent, b: LoggedEvent): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

function firstOf<T>(
  events: readonly LoggedEvent[],
  find: (event: LoggedEvent) => T | undefined,
): T | undefined {
  for (const event of events) {
    const found = find(event);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A payment is processed once, whoever says so again; money may go back in parts. */
function paymentsIn(history: readonly LoggedEvent[]): Movement[] {
  const processed = history.filter(({ type }) => type === 'payment.processed');
  const firsts = new Map<string, LoggedEvent>();
  for (const event of processed) {
    const id = event.data.payment_id ?? event.id;
    if (!firsts.has(id)) firsts.set(id, event);
  }
  return movements([...firsts.values()]);
}

function movements(events: readonly LoggedEvent[]): Movement[] {
  return events.flatMap(({ id, time, data }) =>
    data.amount === undefined ? [] : [{ id: data.payment_id ?? id, amount: data.amount, time }],
  );
}

interface Money {
  payments: readonly Movement[];
  refunds: readonly Movement[];
}

/** The end that an order came to, or else how far it got: whatever was said last, it was said of the same order. */
function statusOf(types: ReadonlySet<string>, { payments, refunds }: Money): Status {
  if (types.has('order.failed')) return 'failed';
  if (refunds.length > 0 && sumOf(refunds) >= sumOf(payments)) return 'refunded';
  if (types.has('order.cancelled')) return 'cancelled';
  if (types.has('order.shipped')) return 'shipped';
  if (types.has('order.confirmed')) return 'confirmed';
  return types.has('order.paid') || payments.length > 0 ? 'paid' : 'created';
}

/** In minor units. */
export function sumOf(movements: readonly Movement[]): number {
  return movements.reduce((sum, { amount }) => sum + minorUnits(amount), 0);
}
