import fc from 'fast-check';
import { eventTypes } from '../../../services/kit/bus/topology.ts';
import type { ShopEvent } from '../../../services/kit/index.ts';

/** An event as it is on the wire, `data` included. */
export type Told = ShopEvent<Record<string, unknown>>;

/** An event at that second of the first of March, or at a whole time. */
export function told(
  id: string,
  type: string,
  subject: string,
  data: object = {},
  at: number | string = 0,
): Told {
  return {
    specversion: '1.0',
    id,
    type,
    source: `/${type.split('.')[0]}s`,
    time: typeof at === 'string' ? at : new Date(Date.UTC(2026, 2, 1, 12, 0, at)).toISOString(),
    subject,
    datacontenttype: 'application/json',
    data: { ...data },
  };
}

const items = [
  { product_id: '7', quantity: 2, price: '10.00' },
  { product_id: '8', quantity: 1, price: '5.50' },
];

/** What `orders` says of an order of alice's or another's. */
export function orderData(orderId: string, userId = '1', more: object = {}) {
  const email = 'alice@example.com';
  return {
    order_id: orderId,
    user_id: userId,
    user_email: email,
    items,
    total: '25.50',
    status: 'created',
    mode: 'sync',
    ...more,
  };
}

export function paymentData(orderId: string, userId = '1', more: object = {}) {
  const about = { order_id: orderId, user_id: userId, mode: 'sync' };
  return { payment_id: `p-${orderId}`, ...about, amount: '25.50', method: 'card', ...more };
}

/** What `users` says of somebody. */
export function userData(userId: string, email: string) {
  return { user_id: userId, email, roles: ['customer'], username: 'somebody' };
}

/** An order that was bought, and given back on the next day. */
export function boughtAndReturned(orderId: string, userId = '1'): Told[] {
  return [
    told(`${orderId}-created`, 'order.created', orderId, orderData(orderId, userId), 1),
    told(`${orderId}-processed`, 'payment.processed', orderId, paymentData(orderId, userId), 2),
    told(`${orderId}-paid`, 'order.paid', orderId, orderData(orderId, userId), 3),
    told(`${orderId}-confirmed`, 'order.confirmed', orderId, orderData(orderId, userId), 4),
    told(
      `${orderId}-refunded`,
      'payment.refunded',
      orderId,
      paymentData(orderId, userId),
      '2026-03-02T09:00:00.000Z',
    ),
  ];
}

/**
 * Any events at all about a few orders of a few users: histories that the shop never makes are among them, with clocks
 * that disagree, users that change and payments that are told twice.
 */
export const anyHistory: fc.Arbitrary<Told[]> = fc
  .array(
    fc.record({
      type: fc.constantFrom(...eventTypes),
      order: fc.constantFrom('a', 'b', 'c'),
      user: fc.constantFrom('1', '2'),
      payment: fc.constantFrom('p1', 'p2'),
      cents: fc.integer({ min: 0, max: 1_000_000 }),
      quantity: fc.integer({ min: 1, max: 9 }),
      product: fc.constantFrom('7', '8'),
      hour: fc.integer({ min: 0, max: 72 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((facts) =>
    facts.map(({ type, order, user, payment, cents, quantity, product, hour }, index) => {
      const amount = (cents / 100).toFixed(2);
      const time = new Date(Date.UTC(2026, 2, 1, hour)).toISOString();
      const tell = (subject: string, data: object) => told(`e${index}`, type, subject, data, time);
      if (type.startsWith('user.')) return tell(user, userData(user, 'somebody@example.com'));
      if (type.startsWith('payment.'))
        return tell(order, paymentData(order, user, { amount, payment_id: payment }));
      const items = [{ product_id: product, quantity, price: '1.00' }];
      return tell(order, orderData(order, user, { total: amount, items }));
    }),
  );

/** The same events in any order, some of them more than once. */
export function redelivered(history: readonly Told[]): fc.Arbitrary<Told[]> {
  const all = history.map((_, index) => index);
  return fc
    .tuple(
      fc.shuffledSubarray(all, { minLength: all.length }),
      fc.array(fc.tuple(fc.nat(all.length), fc.nat(Math.max(0, all.length - 1))), { maxLength: 5 }),
    )
    .map(([order, extra]) => {
      const indexes = [...order];
      for (const [at, again] of extra) indexes.splice(at, 0, again);
      return indexes.flatMap((index) => history[index] ?? []);
    });
}
