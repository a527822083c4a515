import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import type { RunningService } from '../start-service.ts';
import { startAuth, startOrders, startPayments, startUsers, testSecret } from '../start-shop.ts';
import { type Tokens, tokensOf } from './sign-in.ts';

let running: RunningService[] = [];
let urls: Record<'auth' | 'users' | 'orders' | 'payments', string>;
beforeAll(async () => {
  const auth = await startAuth();
  const tokens = { url: auth.url, secret: testSecret };
  const users = await startUsers({ auth: tokens });
  const orders = await startOrders({ auth: tokens, upstreams: { users: users.url } });
  const upstreams = { users: users.url, orders: orders.url };
  const payments = await startPayments({ auth: tokens, upstreams });
  running = [payments, orders, users, auth];
  urls = { auth: auth.url, users: users.url, orders: orders.url, payments: payments.url };
});
afterAll(async () => {
  for (const service of running) await service.stop();
});

async function signIn(username: string): Promise<Tokens> {
  const body = { username, password: username };
  return tokensOf((await ask('POST', `${urls.users}/login`, { body })).body);
}

const bearer = ({ access_token }: Tokens) => ({ authorization: `Bearer ${access_token}` });

/** Alice orders something and pays for it. */
async function orderAndPay(tokens: Tokens) {
  const headers = bearer(tokens);
  const order = { user_id: '1', items: ['Phone'], total_amount: '299.99' };
  const created = await ask('POST', `${urls.orders}/api/orders`, { body: order, headers });
  expect(created.status, created.text).toBe(201);
  const body = { order_id: created.body['id'], user_id: '1' };
  return await ask('POST', `${urls.payments}/api/payments`, { body, headers });
}

describe('a shop in which tokens are used', () => {
  it('lets a customer order and pay, the services asking each other in their own names', async () => {
    const alice = await signIn('alice');
    const paid = await orderAndPay(alice);
    expect(paid.status, paid.text).toBe(201);
    const balance = await ask('GET', `${urls.users}/api/users/1/balance`, { headers: bearer(alice) });
    expect(balance.body).toEqual({ user_id: '1', balance: '200.01' });
  });

  it.each(['orders', 'payments'] as const)('is closed to a stranger: %s', async (service) => {
    const answered = await ask('GET', `${urls[service]}/api/${service}`);
    expect(answered.status).toBe(401);
    expect(answered.body).toMatchObject({ type: 'urn:shop:problem:unauthenticated' });
  });

  it('refuses whoever has logged out, in every service at once', async () => {
    const bob = await signIn('bob');
    const statuses = async () =>
      await Promise.all(
        [
          `${urls.users}/profile`,
          `${urls.orders}/api/users/2/orders`,
          `${urls.payments}/api/users/2/payments`,
        ].map(async (url) => (await ask('GET', url, { headers: bearer(bob) })).status),
      );
    expect(await statuses()).toEqual([200, 200, 200]);
    await ask('POST', `${urls.auth}/logout`, { body: { token: bob.refresh_token } });
    expect(await statuses()).toEqual([401, 401, 401]);
  });
});
