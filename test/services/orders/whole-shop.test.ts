import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { startProducts } from '../products/start-catalog.ts';
import {
  startAuth,
  startCart,
  startInventory,
  startOrders,
  startPayments,
  startUsers,
  testSecret,
} from '../start-shop.ts';

/** All services with tokens, nothing faked. */
async function startWholeShop() {
  const authService = await startAuth();
  const auth = { url: authService.url, secret: testSecret };
  const users = await startUsers({ auth, upstreams: { auth: authService.url } });
  const inventory = await startInventory({ auth });
  const products = await startProducts({ auth, upstreams: { inventory: inventory.url } });
  const upstreams = { users: users.url, products: products.url };
  const cart = await startCart({ auth, upstreams });
  const payments = await startPayments({
    auth,
    upstreams: { users: users.url, orders: 'http://127.0.0.1:9' },
  });
  const orders = await startOrders({
    auth,
    upstreams: { ...upstreams, cart: cart.url, inventory: inventory.url, payments: payments.url },
  });
  onTestFinished(async () => {
    for (const one of [orders, payments, cart, products, inventory, users, authService]) await one.stop();
  });
  return { users, inventory, products, cart, payments, orders };
}

it('takes a customer from signing in to a confirmed order and back', async () => {
  const { users, inventory, products, cart, payments, orders } = await startWholeShop();
  const account = { username: 'alice', password: 'alice' };
  const session = await ask('POST', `${users.url}/login`, { body: account });
  expect(session.status, session.text).toBe(200);
  const headers = { authorization: `Bearer ${session.body['access_token']}` };

  const product = await ask('GET', `${products.url}/products/7`, { headers });
  const before = await ask('GET', `${inventory.url}/inventory/7`);
  const addition = { product_id: product.body['id'], quantity: 2 };
  const filled = await ask('POST', `${cart.url}/cart/add`, { headers, body: addition });
  expect(filled.body, filled.text).toMatchObject({ user_id: '1', items: [{ price: product.body['price'] }] });

  const body = { payment_method: { type: 'card', token: 'tok_ok' }, shipping_address: 'Main Street 1' };
  const bought = await ask('POST', `${orders.url}/orders`, { headers, body });
  expect(bought.body, bought.text).toMatchObject({
    user_id: '1',
    status: 'confirmed',
    total: filled.body['subtotal'],
  });
  expect((await ask('GET', `${inventory.url}/inventory/7`)).body).toMatchObject({ sold: 2, reserved: 0 });

  const cancelled = await ask('POST', `${orders.url}/orders/${bought.body['id']}/cancel`, { headers });
  expect(cancelled.body['status'], cancelled.text).toBe('refunded');
  expect((await ask('GET', `${inventory.url}/inventory/7`)).body).toEqual(before.body);
  const paid = await ask('GET', `${payments.url}/api/payments`, { headers });
  expect(paid.body['payments']).toMatchObject([{ status: 'refunded', order_id: bought.body['id'] }]);
});
