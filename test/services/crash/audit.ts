import { expect } from 'vitest';
import type { Books } from './books.ts';
import type { Receipt } from './customer.ts';
import type { PostBooks } from './post-books.ts';

const ends = ['confirmed', 'failed', 'cancelled', 'refunded'];

/** What was acknowledged is there, and ended; no key has two orders that were not undone. */
export async function expectOneOrderOfEach(books: Books, receipts: readonly Receipt[]): Promise<void> {
  const orders = await books.orders();
  expect(orders.filter(({ status }) => !ends.includes(status))).toEqual([]);
  for (const { purchase, status, orderId } of receipts) {
    const ofKey = orders.filter(({ idempotency_key }) => idempotency_key === purchase.key);
    const confirmed = ofKey.filter((order) => order.status === 'confirmed').map(({ id }) => id);
    const told = JSON.stringify({ key: purchase.key, status });
    const ids = ofKey.map(({ id }) => id);
    if (status === 202) expect(ids, told).toContain(orderId);
    const others = confirmed.filter((id) => id !== orderId);
    expect(others, told).toEqual([]);
  }
  expect(receipts.filter((receipt) => !isTrue(receipt, orders))).toEqual([]);
}

/** Accepted, sold out, or declined since an attempt that got no answer: then the order is there, and failed. */
function isTrue({ purchase, status }: Receipt, orders: Awaited<ReturnType<Books['orders']>>): boolean {
  if (status !== 402) return status === 202 || status === 409;
  const ofKey = orders.filter(({ idempotency_key }) => idempotency_key === purchase.key);
  return purchase.cardToken === 'tok_declined' && ofKey.some((order) => order.status === 'failed');
}

/** One e-mail says that an order was received, one that it was paid; nobody is told of what was never charged. */
export async function expectOneMailOfEach(books: Books, post: PostBooks, seed: string): Promise<void> {
  const [orders, payments, mails] = [await books.orders(), await books.payments(), await post.mails()];
  for (const { id, status, user_email } of orders) {
    const ofOrder = mails.filter(({ orderId }) => orderId === id);
    const count = (kind: string) => ofOrder.filter((mail) => mail.kind === kind).length;
    const asked = payments.filter(({ order_id }) => order_id === id);
    const charged = asked.filter((one) => one.status === 'completed' || one.status === 'refunded');
    const told = `seed ${seed}: order ${id} is ${status}`;
    expect(count('confirmed'), told).toBe(charged.length);
    if (status === 'confirmed') expect(charged, told).toHaveLength(1);
    if (status === 'failed') expect(charged, told).toEqual([]);
    // An order that nobody was asked to pay was perhaps never told of.
    if (asked.length > 0) expect(count('received'), told).toBe(1);
    else expect(count('received'), told).toBeLessThanOrEqual(1);
    expect(ofOrder.map(({ recipients }) => recipients)).toEqual(ofOrder.map(() => [user_email]));
  }
  const ids = new Set(orders.map(({ id }) => id));
  expect(mails.filter(({ orderId }) => !ids.has(orderId))).toEqual([]);
}

/** Every confirmed order has its money, once, and no other order has any. */
export async function expectMoneyOfConfirmedOrdersOnly(books: Books, seed: string): Promise<void> {
  const payments = await books.payments();
  for (const { id, status, total } of await books.orders()) {
    const ofOrder = payments.filter(({ order_id }) => order_id === id);
    const kept = ofOrder.filter((one) => one.status === 'completed' || one.charge === 'captured');
    const expected = { status: 'completed', charge: 'captured', amount: total, charged: total };
    expect(kept, `seed ${seed}: order ${id} is ${status}`).toEqual(
      status === 'confirmed' ? [expect.objectContaining(expected)] : [],
    );
  }
  const ids = new Set((await books.orders()).map(({ id }) => id));
  expect(payments.filter(({ order_id }) => !ids.has(order_id))).toEqual([]);
}

/** What confirmed orders have bought is sold, and everything else is where it was. */
export async function expectStockConserved(
  books: Books,
  before: Awaited<ReturnType<Books['stock']>>,
  seed: string,
): Promise<void> {
  const sold = new Map<string, number>();
  for (const { status, items } of await books.orders()) {
    if (status !== 'confirmed') continue;
    for (const { product_id, quantity } of JSON.parse(items)) {
      sold.set(product_id, (sold.get(product_id) ?? 0) + quantity);
    }
  }
  const expected = before.map(({ product_id, available }) => {
    const pieces = sold.get(product_id) ?? 0;
    return { product_id, available: available - pieces, reserved: 0, sold: pieces };
  });
  expect(await books.stock(), `seed ${seed}`).toEqual(expected);
}
