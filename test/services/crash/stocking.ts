import { expect } from 'vitest';
import { ask } from '../ask.ts';
import { signIn } from './customer.ts';
import type { startProcessShop } from './process-shop.ts';

/** So few that not everybody who wants one can have it. */
export async function makeScarce(
  { users, inventory }: Awaited<ReturnType<typeof startProcessShop>>,
  productId: string,
): Promise<void> {
  const headers = await signIn(users.url, 'admin');
  const url = `${inventory.url}/inventory/${productId}`;
  const { status, text } = await ask('PUT', url, { headers, body: { available: 5 } });
  expect(status, text).toBe(200);
}

/** Something for everybody who buys what is in their cart. */
export async function fillCarts(
  cartUrl: string,
  sessions: readonly { authorization: string }[],
): Promise<void> {
  for (const headers of sessions) {
    const body = { product_id: '9', quantity: 1 };
    const filled = await ask('POST', `${cartUrl}/cart/add`, { headers, body });
    expect(filled.status, filled.text).toBe(200);
  }
}
