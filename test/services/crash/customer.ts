import { setTimeout as sleep } from 'node:timers/promises';
import { type Answered, ask, isBroken } from '../ask.ts';

export interface Purchase {
  /** Undefined: what is in the cart. */
  items: { product_id: string; quantity: number }[] | undefined;
  cardToken: string;
  key: string;
}

/** What a customer was told in the end. */
export interface Receipt {
  purchase: Purchase;
  status: number;
  /** The order that was acknowledged; undefined when it was refused. */
  orderId: string | undefined;
}

/** The headers that say who somebody is. */
export type Authorization = { authorization: string };

export async function signIn(usersUrl: string, name: string): Promise<Authorization> {
  const answered = await ask('POST', `${usersUrl}/login`, { body: { username: name, password: name } });
  if (answered.status !== 200) throw new Error(`${name} cannot sign in: ${answered.text}`);
  return { authorization: `Bearer ${answered.body['access_token']}` };
}

/** Asks again, with the same key, as long as nobody answers or nobody knows; a refusal is an answer. */
export async function buy(
  ordersUrl: string,
  authorization: Authorization,
  purchase: Purchase,
  signal: AbortSignal,
  path: '/orders' | '/checkout' = '/orders',
): Promise<Receipt> {
  const { items, cardToken: token, key } = purchase;
  const body = { items, payment_method: { type: 'card', token } };
  const headers = { ...authorization, 'idempotency-key': key };
  return receiptOf(purchase, await insist('POST', `${ordersUrl}${path}`, { body, headers }, signal));
}

/** Asks until somebody answers who knows, and then again when it is said to be worth it. */
export async function insist(
  method: string,
  url: string,
  question: Parameters<typeof ask>[2],
  signal: AbortSignal,
): Promise<Answered> {
  for (;;) {
    const answered = await ask(method, url, question).catch(unlessBroken);
    if (answered !== undefined && answered.status < 500) return answered;
    signal.throwIfAborted();
    // Asking a busy shop at once again would keep it busy with questions whose answers nobody waits for.
    await sleep(1_000 * Number(answered?.headers.get('retry-after') ?? 0.1));
  }
}

function unlessBroken(error: unknown): undefined {
  if (!isBroken(error)) throw error;
}

function receiptOf(purchase: Purchase, { status, body }: Answered): Receipt {
  return { purchase, status, orderId: status < 300 ? String(body['id']) : undefined };
}
