import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answered, ask } from '../ask.ts';
import { type FakeProducts, startFakeProducts } from '../fake-products.ts';
import { type Issuer, startIssuer } from '../issue-token.ts';
import { judgeOf } from '../judge.ts';
import type { RunningService } from '../start-service.ts';
import { startCart, startInventory, startOrders, startPayments, startUsers } from '../start-shop.ts';

type Headers = Record<string, string>;
type Name = 'cart' | 'orders' | 'payments';

let issuer: Issuer;
let products: FakeProducts;
let services: Record<Name | 'users' | 'inventory', RunningService>;
let alice: Headers;
let bob: Headers;
let support: Headers;
let order: string;
let payment: string;
let cart: string;

const purchase = {
  items: [{ product_id: '1', quantity: 1 }],
  payment_method: { type: 'card', token: 'tok_ok' },
};

beforeAll(async () => {
  issuer = await startIssuer();
  products = await startFakeProducts();
  const { auth } = issuer;
  const users = await startUsers({ auth });
  const inventory = await startInventory({ auth });
  const orders = 'http://127.0.0.1:9';
  const payments = await startPayments({ auth, upstreams: { users: users.url, orders } });
  const upstreams = { users: users.url, products: products.url };
  const carts = await startCart({ auth, upstreams });
  services = {
    users,
    inventory,
    payments,
    cart: carts,
    orders: await startOrders({
      auth,
      upstreams: { ...upstreams, cart: carts.url, inventory: inventory.url, payments: payments.url },
    }),
  };
  alice = await issuer.asUser('1');
  bob = await issuer.asUser('2');
  support = await issuer.asUser('3', 'support');
  const addition = { headers: alice, body: { product_id: '1', quantity: 1 } };
  cart = String((await ask('POST', `${carts.url}/cart/add`, addition)).body['id']);
  const bought = await ask('POST', `${services.orders.url}/orders`, { headers: alice, body: purchase });
  expect(bought.status, bought.text).toBe(201);
  order = String(bought.body['id']);
  const paid = await ask('GET', `${payments.url}/api/users/1/payments`, { headers: alice });
  expect(paid.body['total'], paid.text).toBe(1);
  payment = '1';
});
afterAll(async () => {
  for (const name of ['orders', 'cart', 'payments', 'inventory', 'users'] as const)
    await services[name].stop();
  await products.stop();
  await issuer.stop();
});

interface Question {
  service: Name;
  /** As in the document. */
  operation: string;
  path: () => string;
  body?: object;
}

/** What of alice's may be asked for by herself and by those who act for others, and by nobody else. */
const alices: Question[] = [
  { service: 'cart', operation: 'GET /cart', path: () => '/cart?user_id=1' },
  { service: 'cart', operation: 'GET /cart/{id}', path: () => `/cart/${cart}` },
  {
    service: 'cart',
    operation: 'POST /cart/add',
    path: () => '/cart/add',
    body: { user_id: '1', product_id: '1', quantity: 1 },
  },
  {
    service: 'cart',
    operation: 'PUT /cart/update',
    path: () => '/cart/update',
    body: { user_id: '1', product_id: '1', quantity: 2 },
  },
  { service: 'orders', operation: 'GET /orders/{id}', path: () => `/orders/${order}` },
  { service: 'orders', operation: 'GET /api/orders/{id}', path: () => `/api/orders/${order}` },
  { service: 'orders', operation: 'GET /api/users/{id}/orders', path: () => '/api/users/1/orders' },
  {
    service: 'orders',
    operation: 'POST /api/orders',
    path: () => '/api/orders',
    body: { user_id: '1', items: ['x'], total_amount: 1 },
  },
  {
    service: 'orders',
    operation: 'POST /orders',
    path: () => '/orders',
    body: { ...purchase, user_id: '1' },
  },
  { service: 'payments', operation: 'GET /api/payments/{id}', path: () => `/api/payments/${payment}` },
  { service: 'payments', operation: 'GET /api/users/{id}/payments', path: () => '/api/users/1/payments' },
];

const forBobOnly: Question[] = [
  { service: 'cart', operation: 'DELETE /cart/{id}', path: () => `/cart/${cart}` },
  { service: 'cart', operation: 'POST /cart/clear', path: () => '/cart/clear', body: { user_id: '1' } },
  { service: 'orders', operation: 'DELETE /orders/{id}', path: () => `/orders/${order}` },
  { service: 'orders', operation: 'POST /orders/{id}/cancel', path: () => `/orders/${order}/cancel` },
  {
    service: 'payments',
    operation: 'POST /payment/process',
    path: () => '/payment/process',
    body: { order_id: 'x', user_id: '1', amount: 1, payment_method: { type: 'card', token: 'tok_ok' } },
  },
  {
    service: 'payments',
    operation: 'POST /api/payments',
    path: () => '/api/payments',
    body: { order_id: 'x', user_id: '1' },
  },
];

/** What no customer may do, not even with their own. */
const forStaff: Question[] = [
  {
    service: 'orders',
    operation: 'PUT /orders/{id}/status',
    path: () => `/orders/${order}/status`,
    body: { status: 'shipped' },
  },
  {
    service: 'orders',
    operation: 'PUT /api/orders/{id}/status',
    path: () => `/api/orders/${order}/status`,
    body: { status: 'shipped' },
  },
  {
    service: 'payments',
    operation: 'POST /payment/refund',
    path: () => '/payment/refund',
    body: { payment_id: '1' },
  },
  {
    service: 'payments',
    operation: 'POST /api/refund',
    path: () => '/api/refund',
    body: { payment_id: '1' },
  },
];

async function put({ service, operation, path, body }: Question, headers: Headers = {}): Promise<Answered> {
  const [method = ''] = operation.split(' ');
  const question = body === undefined ? { headers } : { headers, body };
  const answered = await ask(method, `${services[service].url}${path()}`, question);
  judgeOf(service)(operation, answered);
  return answered;
}

describe.each(alices)('$operation of $service, about alice', (question) => {
  it('answers herself and support', async () => {
    for (const headers of [alice, support]) expect((await put(question, headers)).status).toBeLessThan(300);
  });
});

describe.each([...alices, ...forBobOnly])('$operation of $service, about alice', (question) => {
  it('is refused with 403 when bob asks', async () => {
    const refused = await put(question, bob);
    expect(refused.status, refused.text).toBe(403);
    expect(refused.body['type']).toBe('urn:shop:problem:forbidden');
  });
});

describe.each(forStaff)('$operation of $service', (question) => {
  it('is refused with 403 when a customer asks, even about their own', async () => {
    expect((await put(question, alice)).status).toBe(403);
    expect((await put(question, bob)).status).toBe(403);
  });
});

it("lists only one's own orders and payments to a customer, and everybody's to support", async () => {
  const total = async (service: Name, path: string, headers: Headers) =>
    (await ask('GET', `${services[service].url}${path}`, { headers })).body['total'];
  for (const path of ['/orders', '/api/orders']) {
    expect(await total('orders', path, bob)).toBe(0);
    expect(await total('orders', path, alice)).toBeGreaterThan(0);
    expect(await total('orders', path, support)).toBeGreaterThan(0);
  }
  expect(await total('payments', '/api/payments', bob)).toBe(0);
  expect(await total('payments', '/api/payments', support)).toBeGreaterThan(0);
});

it("means the own cart when a customer names none, and buys it with the service's own credentials", async () => {
  const add = { headers: bob, body: { product_id: '2', quantity: 2 } };
  const added = await ask('POST', `${services.cart.url}/cart/add`, add);
  expect(added.body).toMatchObject({ user_id: '2', subtotal: '25.00' });
  const { items: _cart, ...body } = purchase;
  const bought = await ask('POST', `${services.orders.url}/orders`, { headers: bob, body });
  expect(bought.body, bought.text).toMatchObject({ user_id: '2', total: '25.00', status: 'confirmed' });
  const after = await ask('GET', `${services.cart.url}/cart`, { headers: bob });
  expect(after.body).toMatchObject({ user_id: '2', items: [] });
  const cancelled = await ask('POST', `${services.orders.url}/orders/${bought.body['id']}/cancel`, {
    headers: bob,
  });
  expect(cancelled.body['status']).toBe('refunded');
});
