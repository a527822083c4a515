import { expect } from 'vitest';
import { type Authorization, buy, insist, type Receipt } from './customer.ts';
import { type ManyPurchase, manyPurchasesOf } from './purchases.ts';
import type { WholeShop } from './whole-shop.ts';

/** What a crowd buys. */
interface Shopping {
  purchasesEach: number;
  seed: string;
  /** Called when a purchase was answered. */
  onAnswer: () => void;
}

/** Everybody has an account, a cart and an e-mail address of their own. */
export async function joinAll(
  usersUrl: string,
  customers: number,
  signal: AbortSignal,
): Promise<Authorization[]> {
  const sessions: Authorization[] = [];
  for (let number = 0; number < customers; number += 1) {
    const name = `customer-${number}`;
    const known = { username: name, password: name };
    const body = { ...known, email: `${name}@example.com` };
    const joined = await insist('POST', `${usersUrl}/register`, { body }, signal);
    // 409: the answer to an earlier attempt was lost.
    expect([201, 409], joined.text).toContain(joined.status);
    const { status, text, body: tokens } = await insist('POST', `${usersUrl}/login`, { body: known }, signal);
    expect(status, text).toBe(200);
    sessions.push({ authorization: `Bearer ${tokens['access_token']}` });
  }
  return sessions;
}

/** Everybody buys one thing after the other, all side by side. Resolves to what they were told of each purchase. */
export async function shopTogether(
  shop: WholeShop,
  sessions: readonly Authorization[],
  { purchasesEach, seed, onAnswer }: Shopping,
  signal: AbortSignal,
): Promise<Receipt[]> {
  const receipts = sessions.map((session, number) =>
    shopAlone(shop, session, manyPurchasesOf(number, purchasesEach, seed), { onAnswer, signal }),
  );
  return (await Promise.all(receipts)).flat();
}

async function shopAlone(
  { orders, cart }: WholeShop,
  headers: Authorization,
  purchases: readonly ManyPurchase[],
  { onAnswer, signal }: { onAnswer: () => void; signal: AbortSignal },
): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  let callOffLater: string | undefined;
  const callOff = async (orderId: string) => {
    const { status, text } = await insist(
      'POST',
      `${orders.url}/orders/${orderId}/cancel`,
      { headers },
      signal,
    );
    // 409: it has failed by itself.
    expect([200, 409], text).toContain(status);
  };
  for (const purchase of purchases) {
    if (purchase.items === undefined) {
      const body = { product_id: '50', quantity: 1 };
      const added = await insist('POST', `${cart.url}/cart/add`, { headers, body }, signal);
      expect(added.status, added.text).toBe(200);
    }
    const receipt = await buy(orders.url, headers, purchase, signal, '/checkout');
    receipts.push(receipt);
    onAnswer();
    if (callOffLater !== undefined) await callOff(callOffLater);
    callOffLater = purchase.callOff === 'later' ? receipt.orderId : undefined;
    if (purchase.callOff === 'at once' && receipt.orderId !== undefined) await callOff(receipt.orderId);
  }
  return receipts;
}
