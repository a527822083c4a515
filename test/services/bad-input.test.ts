import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answered, ask } from './ask.ts';
import { type Shop, startShop } from './start-shop.ts';

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

type ServiceName = 'auth' | 'users' | 'orders' | 'payments';

interface Endpoint {
  service: ServiceName;
  method: string;
  path: string;
  good: Record<string, unknown>;
}

const endpoints: Endpoint[] = [
  { service: 'auth', method: 'POST', path: '/validate', good: { token: 'x' } },
  { service: 'auth', method: 'POST', path: '/refresh', good: { refresh_token: 'x' } },
  { service: 'auth', method: 'POST', path: '/logout', good: { token: 'x' } },
  { service: 'auth', method: 'POST', path: '/internal/create-token', good: { grant: 'service' } },
  { service: 'auth', method: 'POST', path: '/internal/end-sessions', good: { user_id: '1' } },
  { service: 'users', method: 'POST', path: '/login', good: { username: 'eve', password: 'x' } },
  {
    service: 'users',
    method: 'POST',
    path: '/register',
    good: { username: 'eve', password: 'a long password', email: 'eve@example.com' },
  },
  { service: 'users', method: 'PUT', path: '/api/users/1/roles', good: { roles: ['customer'] } },
  {
    service: 'users',
    method: 'POST',
    path: '/api/users',
    good: { username: 'eve', email: 'eve@example.com' },
  },
  {
    service: 'users',
    method: 'POST',
    path: '/api/users/1/balance',
    good: { operation: 'credit', amount: '1.00' },
  },
  {
    service: 'orders',
    method: 'POST',
    path: '/api/orders',
    good: { user_id: 1, items: ['x'], total_amount: 1 },
  },
  { service: 'orders', method: 'PUT', path: '/api/orders/1/status', good: { status: 'paid' } },
  { service: 'payments', method: 'POST', path: '/api/payments', good: { order_id: 'none', user_id: 1 } },
  { service: 'payments', method: 'POST', path: '/api/refund', good: { payment_id: 'none' } },
];

describe.each(endpoints)('$method $path of $service', ({ service, method, path, good }) => {
  const send = (question: Parameters<typeof ask>[2]) => ask(method, `${shop[service].url}${path}`, question);
  const fields = Object.keys(good);

  it.each(fields)('names the missing field "%s"', async (field) => {
    const { [field]: _left, ...rest } = good;
    const answered = await send({ body: rest });
    expectProblem(answered, 400, 'invalid-request');
    expect(answered.body['errors']).toEqual([{ pointer: `#/${field}`, message: 'is required' }]);
  });

  it.each(fields)('names the field "%s" of a wrong type', async (field) => {
    for (const wrong of [null, true, { a: 1 }, []]) {
      const answered = await send({ body: { ...good, [field]: wrong } });
      expectProblem(answered, 400, 'invalid-request');
      expect(JSON.stringify(answered.body['errors'])).toContain(`"#/${field}"`);
    }
  });

  it('refuses a field that it does not know', async () => {
    const answered = await send({ body: { ...good, isAdmin: true } });
    expectProblem(answered, 400, 'invalid-request');
    expect(answered.body['errors']).toEqual([{ pointer: '#/isAdmin', message: 'is not a known field' }]);
  });

  it.each(['', '{', '{"a":}', 'null', '[]', '"text"', '1', '\u0000', '{"__proto__":{"x":1}}'])(
    'refuses the body %j',
    async (rawBody) => {
      expectProblem(await send({ rawBody, headers: {} }), 400, 'invalid-request');
    },
  );

  it('refuses a body larger than 1 MB', async () => {
    expectProblem(await send({ rawBody: `{"a":"${'x'.repeat(1_000_001)}"}` }), 413, 'payload-too-large');
  });

  it.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'nonsense'])(
    'refuses the content type %s',
    async (type) => {
      const answered = await send({ body: good, headers: { 'content-type': type } });
      expectProblem(answered, 415, 'unsupported-media-type');
    },
  );

  it('refuses a compressed body and another charset', async () => {
    expectProblem(
      await send({ body: good, headers: { 'content-encoding': 'gzip' } }),
      415,
      'unsupported-media-type',
    );
    const latin = { 'content-type': 'application/json; charset=latin-9000' };
    expectProblem(await send({ body: good, headers: latin }), 415, 'unsupported-media-type');
  });

  it('refuses other methods and names its own', async () => {
    const answered = await ask('PATCH', `${shop[service].url}${path}`);
    expectProblem(answered, 405, 'method-not-allowed');
    expect(answered.headers.get('allow')).toContain(method);
  });
});

const injections = [
  "1' OR '1'='1",
  "1'; DROP TABLE users;--",
  '1"',
  '%',
  '../../etc/passwd',
  'x'.repeat(65),
  '\u0000',
];

describe.each<[ServiceName, string]>([
  ['users', '/api/users/{id}'],
  ['users', '/api/users/{id}/balance'],
  ['orders', '/api/orders/{id}'],
  ['orders', '/api/users/{id}/orders'],
  ['payments', '/api/payments/{id}'],
  ['payments', '/api/users/{id}/payments'],
])('the id in %s %s', (service, path) => {
  it.each(injections)('may not be %j', async (id) => {
    const answered = await ask('GET', `${shop[service].url}${path.replace('{id}', encodeURIComponent(id))}`);
    expectProblem(answered, 400, 'invalid-request');
  });
});

describe.each<[ServiceName, string]>([
  ['auth', '/internal/sessions/1'],
  ['users', '/sessions'],
  ['users', '/api/users'],
  ['orders', '/api/orders'],
  ['orders', '/api/users/1/orders'],
  ['payments', '/api/payments'],
  ['payments', '/api/users/1/payments'],
])('the query of %s %s', (service, path) => {
  it.each([
    'limit=0',
    'limit=-1',
    'limit=501',
    'limit=1.5',
    'limit=1e2',
    'limit=abc',
    'limit=',
    'limit=1&limit=2',
    'limit=99999999999999999999',
    'offset=-1',
    "offset=1'",
    'limmit=5',
  ])('may not be %s', async (query) => {
    const answered = await ask('GET', `${shop[service].url}${path}?${query}`);
    expectProblem(answered, 400, 'invalid-request');
    expect(answered.body['detail']).toMatch(/^query\//);
  });
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
