import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { startFlakyProxy } from '../flaky-proxy.ts';
import { startOrders, startUsers } from '../start-shop.ts';

const phone = { user_id: 1, items: ['Phone'], total_amount: 299.99 };

async function ordersBehindProxy() {
  const users = await startUsers();
  const proxy = await startFlakyProxy(users.url);
  const orders = await startOrders({ upstreams: { users: proxy.url } });
  onTestFinished(async () => {
    await orders.stop();
    await proxy.stop();
    await users.stop();
  });
  return { users, proxy, orders };
}

it('takes the documented order: an integer user id, names as items, a number as amount', async () => {
  const { orders } = await ordersBehindProxy();
  const created = await ask('POST', `${orders.url}/api/orders`, { body: phone });
  expect(created.status).toBe(201);
  expect(created.headers.get('location')).toBe('/api/orders/1');
  expect(created.body).toMatchObject({
    id: '1',
    order_id: '1',
    user_id: '1',
    items: ['Phone'],
    total_amount: '299.99',
    status: 'created',
    user_email: 'alice@example.com',
  });
  expect((await ask('GET', `${orders.url}/api/orders/1`)).body).toEqual(created.body);
});

it('takes JSON under the form type, as a plain curl -d sends it', async () => {
  const { orders } = await ordersBehindProxy();
  const answered = await ask('POST', `${orders.url}/api/orders`, {
    body: phone,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(answered.status).toBe(201);
});

it('writes nothing for a user whom the users service does not know', async () => {
  const { orders } = await ordersBehindProxy();
  const refused = await ask('POST', `${orders.url}/api/orders`, { body: { ...phone, user_id: 99 } });
  expect(refused.status).toBe(404);
  expect(refused.body['type']).toBe('urn:shop:problem:unknown-user');
  expect((await ask('GET', `${orders.url}/api/orders`)).body['total']).toBe(0);
});

it('asks the users service again when an answer is lost', async () => {
  const { proxy, orders } = await ordersBehindProxy();
  let asked = 0;
  proxy.decide = () => {
    asked += 1;
    return asked === 1 ? 'lose' : 'pass';
  };
  expect((await ask('POST', `${orders.url}/api/orders`, { body: phone })).status).toBe(201);
  expect(proxy.passed).toEqual(['GET /api/users/1', 'GET /api/users/1']);
});

it('answers 503 and when to come back, and writes nothing, when the users service is gone', async () => {
  const { proxy, orders } = await ordersBehindProxy();
  proxy.decide = () => 'drop';
  const answered = await ask('POST', `${orders.url}/api/orders`, { body: phone });
  expect(answered.status).toBe(503);
  expect(answered.headers.get('retry-after')).toBe('1');
  expect(answered.body['type']).toBe('urn:shop:problem:upstream-unavailable');
  expect((await ask('GET', `${orders.url}/api/orders`)).body['total']).toBe(0);
});

it('passes the request id on to the users service', async () => {
  const { users, orders } = await ordersBehindProxy();
  const headers = { 'x-request-id': 'from-outside' };
  await ask('POST', `${orders.url}/api/orders`, { body: phone, headers });
  expect(users.logged.filter((line) => line['request_id'] === 'from-outside')).toHaveLength(1);
});

it('lists the orders of one user only', async () => {
  const { orders } = await ordersBehindProxy();
  for (const user_id of [1, 2, 1])
    await ask('POST', `${orders.url}/api/orders`, { body: { ...phone, user_id } });
  const { body } = await ask('GET', `${orders.url}/api/users/1/orders?limit=1&offset=1`);
  expect(body).toMatchObject({ total: 2, orders: [{ id: '3', user_id: '1' }] });
});
