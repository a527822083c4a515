import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answered, ask } from './ask.ts';
import { type Shop, startShop } from './start-shop.ts';

// What no OpenAPI document says, or not to the last digit; the rest is in bad-input/table.test.ts.
let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(async () => {
  await shop.stop();
});

function expectProblem(answered: Answered, status: number, kind: string): void {
  expect(answered.status, answered.text).toBe(status);
  expect(answered.headers.get('content-type')).toContain('application/problem+json');
  expect(answered.body).toMatchObject({
    type: `urn:shop:problem:${kind}`,
    status,
    title: expect.any(String),
  });
  expect(answered.text).not.toMatch(/node_modules|\bat .+\.(ts|js)|SQLITE|select |insert |update /i);
}

it.each([
  ['auth', '/validate', 'POST'],
  ['users', '/api/users/1/balance', 'GET, POST'],
  ['orders', '/api/orders/1/status', 'PUT'],
  ['payments', '/api/refund', 'POST'],
] as const)('%s refuses other methods at %s and names its own', async (service, path, methods) => {
  const answered = await ask('PATCH', `${shop[service].url}${path}`);
  expectProblem(answered, 405, 'method-not-allowed');
  expect(answered.headers.get('allow')).toBe(methods);
});

describe('amounts', () => {
  it.each([1.005, '1.005', -1, '-1', '1e3', 0, '0.00', '', 'NaN', 'Infinity', 1e15, '1000000000000.00'])(
    'refuses to credit %j, and names the field',
    async (amount) => {
      const url = `${shop.users.url}/api/users/1/balance`;
      const answered = await ask('POST', url, { body: { operation: 'credit', amount } });
      expectProblem(answered, 400, 'invalid-request');
      expect(JSON.stringify(answered.body['errors'])).toContain('"#/amount"');
    },
  );

  it('refuses a price inside a list of items, and names its place', async () => {
    const items = ['x', { product_id: 1, quantity: 1, price: 0.001 }];
    const body = { user_id: 1, items, total_amount: 1 };
    const answered = await ask('POST', `${shop.orders.url}/api/orders`, { body });
    expectProblem(answered, 400, 'invalid-request');
    expect(JSON.stringify(answered.body['errors'])).toContain('"#/items/1/price"');
  });
});

it('SQL in a value is kept as it is', async () => {
  const items = ["Robert'); DROP TABLE orders;--"];
  const created = await ask('POST', `${shop.orders.url}/api/orders`, {
    body: { user_id: 1, items, total_amount: 1 },
  });
  expect(created.status).toBe(201);
  expect((await ask('GET', `${shop.orders.url}/api/orders/${created.body['id']}`)).body['items']).toEqual(
    items,
  );
});

it.each(['', 'x'.repeat(256), 'a b'])('refuses the idempotency key "%s"', async (key) => {
  const body = { operation: 'credit', amount: '1.00' };
  const headers = { 'idempotency-key': key };
  const answered = await ask('POST', `${shop.users.url}/api/users/1/balance`, { body, headers });
  expectProblem(answered, 400, 'invalid-request');
});

it('refuses a route that is not there, and a path that cannot be decoded', async () => {
  expectProblem(await ask('GET', `${shop.users.url}/api/user`), 404, 'unknown-route');
  const { port } = new URL(shop.users.url);
  const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: '/api/users/%zz' }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    })
      .on('error', reject)
      .end();
  });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({ type: 'urn:shop:problem:invalid-request' });
});
