import { expect } from 'vitest';
import type { Books } from './books.ts';

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
