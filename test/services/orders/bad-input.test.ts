import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answered, ask } from '../ask.ts';
import { type FakeProducts, startFakeProducts } from '../fake-products.ts';
import { judgeOf } from '../judge.ts';
import type { RunningService } from '../start-service.ts';
import { startCart, startInventory, startOrders, startPayments, startUsers } from '../start-shop.ts';

type Name = 'cart' | 'orders' | 'payments';

let products: FakeProducts;
let services: Record<Name | 'users' | 'inventory', RunningService>;
beforeAll(async () => {
  products = await startFakeProducts();
  const users = await startUsers();
  const inventory = await startInventory();
  const upstreams = { users: users.url, products: products.url };
  const payments = await startPayments({ upstreams: { users: users.url, orders: 'http://127.0.0.1:9' } });
  const cart = await startCart({ upstreams });
  const orders = await startOrders({
    upstreams: { ...upstreams, cart: cart.url, inventory: inventory.url, payments: payments.url },
  });
  services = { users, inventory, payments, cart, orders };
});
afterAll(async () => {
  for (const name of ['orders', 'cart', 'payments', 'inventory', 'users'] as const)
    await services[name].stop();
  await products.stop();
});

const card = { type: 'card', token: 'tok_ok' };
const marker = 'x-marks-what-must-not-be-logged';

interface Endpoint {
  service: Name;
  operation: string;
  /** A body that would be taken. */
  good: Record<string, unknown>;
  required: string[];
}

const endpoints: Endpoint[] = [
  {
    service: 'cart',
    operation: 'POST /cart/add',
    good: { user_id: '1', product_id: '1', quantity: 1 },
    required: ['product_id', 'quantity'],
  },
  {
    service: 'cart',
    operation: 'PUT /cart/update',
    good: { user_id: '1', product_id: '1', quantity: 1 },
    required: ['product_id', 'quantity'],
  },
  {
    service: 'cart',
    operation: 'DELETE /cart/remove',
    good: { user_id: '1', product_id: '1' },
    required: ['product_id'],
  },
  { service: 'cart', operation: 'POST /cart/clear', good: { user_id: '1', version: 7 }, required: [] },
  {
    service: 'orders',
    operation: 'POST /orders',
    good: { user_id: '1', items: [{ product_id: '1', quantity: 1 }], payment_method: card },
    required: ['payment_method', 'user_id'],
  },
  {
    service: 'payments',
    operation: 'POST /payment/process',
    good: { order_id: 'o', user_id: '1', amount: '1.00', payment_method: card },
    required: ['order_id', 'user_id', 'amount', 'payment_method'],
  },
  {
    service: 'payments',
    operation: 'POST /payment/validate',
    good: { payment_method: card },
    required: ['payment_method'],
  },
  { service: 'payments', operation: 'POST /payment/refund', good: { order_id: 'o' }, required: [] },
];

const injections = [
  "1' OR '1'='1",
  "1'; DROP TABLE orders;--",
  '1"',
  '%',
  '../../etc/passwd',
  'x'.repeat(65),
];

/** Nothing was written down by what was refused. */
async function expectNothingStored() {
  for (const [service, path] of [
    ['orders', '/orders'],
    ['payments', '/api/payments'],
  ] as const) {
    expect((await ask('GET', `${services[service].url}${path}`)).body['total']).toBe(0);
  }
  expect((await ask('GET', `${services.cart.url}/cart?user_id=1`)).body['id']).toBeNull();
}

describe.each(endpoints)('$operation of $service', ({ service, operation, good, required }) => {
  const [method = '', path = ''] = operation.split(' ');
  const send = async (question: Parameters<typeof ask>[2]): Promise<Answered> => {
    const answered = await ask(method, `${services[service].url}${path}`, question);
    judgeOf(service)(operation, answered);
    return answered;
  };
  const expectRefused = async (question: Parameters<typeof ask>[2], status: number, kind: string) => {
    const answered = await send(question);
    expect(answered.status, answered.text).toBe(status);
    expect(answered.body['type']).toBe(`urn:shop:problem:${kind}`);
    expect(answered.text).not.toMatch(/node_modules|\bat .+\.(ts|js)|SQLITE|select |insert |update /i);
    return JSON.stringify(answered.body['errors']);
  };

  it('names each missing field', async () => {
    for (const field of required) {
      const { [field]: _left, ...body } = good;
      expect(await expectRefused({ body }, 400, 'invalid-request')).toContain(`"#/${field}"`);
    }
    await expectNothingStored();
  });

  it('names each field of a wrong type', async () => {
    for (const field of Object.keys(good)) {
      for (const wrong of [null, true, { [marker]: 1 }, ['x']]) {
        const body = { ...good, [field]: wrong };
        expect(await expectRefused({ body }, 400, 'invalid-request')).toContain(`"#/${field}`);
      }
    }
    await expectNothingStored();
  });

  it('refuses a field that it does not know, at the top and inside', async () => {
    const errors = await expectRefused({ body: { ...good, isAdmin: marker } }, 400, 'invalid-request');
    if (!operation.endsWith('/refund')) expect(errors).toContain('"#/isAdmin"');
    if ('payment_method' in good) {
      const body = { ...good, payment_method: { ...card, number: marker } };
      expect(await expectRefused({ body }, 400, 'invalid-request')).toContain('"#/payment_method/number"');
    }
    await expectNothingStored();
  });

  it('refuses SQL and paths where an id belongs', async () => {
    for (const field of Object.keys(good).filter((name) => name.endsWith('_id'))) {
      for (const id of injections)
        await expectRefused({ body: { ...good, [field]: id } }, 400, 'invalid-request');
    }
    await expectNothingStored();
  });

  it('refuses what is not JSON, too large, of another type, or compressed', async () => {
    for (const rawBody of ['{', '{"a":}', 'null', '[]', '"text"', '1']) {
      await expectRefused({ rawBody }, 400, 'invalid-request');
    }
    const large = { rawBody: `{"a":"${'x'.repeat(1_000_001)}"}` };
    await expectRefused(large, 413, 'payload-too-large');
    for (const headers of [{ 'content-type': 'text/plain' }, { 'content-encoding': 'gzip' }]) {
      await expectRefused({ body: good, headers }, 415, 'unsupported-media-type');
    }
    await expectNothingStored();
  });

  it('logs nothing of what was in the body', () => {
    expect(services[service].logText()).not.toContain(marker);
    expect(services[service].logText()).not.toContain('tok_ok');
  });
});

describe.each([
  ['cart', 'GET', '/cart/{id}'],
  ['cart', 'DELETE', '/cart/{id}'],
  ['orders', 'GET', '/orders/{id}'],
  ['orders', 'DELETE', '/orders/{id}'],
  ['orders', 'POST', '/orders/{id}/cancel'],
] as const)('the id in %s %s %s', (service, method, path) => {
  it('may be neither SQL nor a path, and must exist', async () => {
    const send = async (id: string) => {
      const at = path.replace('{id}', encodeURIComponent(id));
      const answered = await ask(method, `${services[service].url}${at}`);
      judgeOf(service)(`${method} ${path}`, answered);
      return answered.status;
    };
    for (const id of injections) expect(await send(id)).toBe(400);
    expect(await send('nothing')).toBe(404);
  });
});

it('refuses quantities that are none', async () => {
  for (const quantity of [0, -1, 1.5, 10_001, '1']) {
    const body = { user_id: '1', product_id: '1', quantity };
    expect((await ask('POST', `${services.cart.url}/cart/add`, { body })).status).toBe(400);
    const items = [{ product_id: '1', quantity }];
    const order = { user_id: '1', items, payment_method: card };
    expect((await ask('POST', `${services.orders.url}/orders`, { body: order })).status).toBe(400);
  }
  await expectNothingStored();
});

it('takes an address as a text or in parts, and nothing else', async () => {
  for (const shipping_address of ['', {}, { street: 'a' }, { street: 'a', city: 'b', planet: 'c' }, 7]) {
    const body = {
      user_id: '1',
      items: [{ product_id: '1', quantity: 1 }],
      payment_method: card,
      shipping_address,
    };
    expect((await ask('POST', `${services.orders.url}/orders`, { body })).status).toBe(400);
  }
  await expectNothingStored();
});

it('answers 503 for a purchase where the services that it takes are not configured', async () => {
  const orders = await startOrders({ upstreams: { users: services.users.url } });
  const body = { user_id: '1', payment_method: card };
  const refused = await ask('POST', `${orders.url}/orders`, { body });
  await orders.stop();
  expect(refused.status).toBe(503);
  expect(refused.body['type']).toBe('urn:shop:problem:not-configured');
});
