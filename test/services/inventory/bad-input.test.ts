import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answered, ask } from '../ask.ts';
import type { RunningService } from '../start-service.ts';
import { startInventory } from './start-inventory.ts';

let inventory: RunningService;
let untouched: string;
const everything = async () => (await ask('GET', `${inventory.url}/inventory?limit=500`)).text;
beforeAll(async () => {
  inventory = await startInventory();
  untouched = await everything();
});
afterAll(async () => {
  await inventory.stop();
});

function expectProblem(answered: Answered, status: number, kind: string): void {
  expect(answered.status, answered.text).toBe(status);
  expect(answered.headers.get('content-type')).toContain('application/problem+json');
  expect(answered.body).toMatchObject({ type: `urn:shop:problem:${kind}`, status });
  expect(answered.text).not.toMatch(/node_modules|\bat .+\.(ts|js)|SQLITE|select |insert |update /i);
}

const items = [{ product_id: '1', quantity: 1 }];

describe.each<[string, string, Record<string, unknown>]>([
  ['PUT', '/inventory/1', { available: 3 }],
  ['POST', '/inventory/reserve', { order_id: 'bad', items }],
  ['POST', '/inventory/confirm', { order_id: 'bad' }],
  ['POST', '/inventory/release', { order_id: 'bad' }],
])('%s %s', (method, path, good) => {
  const send = (question: Parameters<typeof ask>[2]) => ask(method, `${inventory.url}${path}`, question);

  it.each(Object.keys(good))(
    'refuses "%s" when it is missing or of a wrong type, and names it',
    async (field) => {
      const { [field]: _left, ...rest } = good;
      for (const body of [
        rest,
        ...[null, true, { a: 1 }, 1.5].map((wrong) => ({ ...good, [field]: wrong })),
      ]) {
        const answered = await send({ body });
        expectProblem(answered, 400, 'invalid-request');
        expect(JSON.stringify(answered.body['errors'])).toContain(`"#/${field}"`);
      }
    },
  );

  it('refuses a field that it does not know', async () => {
    expectProblem(await send({ body: { ...good, price: 0 } }), 400, 'invalid-request');
  });

  it.each(['', '{', 'null', '[]', '"text"', '{"__proto__":{"x":1}}'])(
    'refuses the body %j',
    async (rawBody) => {
      expectProblem(await send({ rawBody }), 400, 'invalid-request');
    },
  );

  it('refuses a body larger than 1 MB, and one that is not JSON by its type', async () => {
    expectProblem(await send({ rawBody: `{"a":"${'x'.repeat(1_000_001)}"}` }), 413, 'payload-too-large');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expectProblem(await send({ body: good, headers }), 415, 'unsupported-media-type');
  });
});

it.each([
  [[]],
  [[{ product_id: '1', quantity: 0 }]],
  [[{ product_id: '1', quantity: -1 }]],
  [[{ product_id: '1', quantity: '1' }]],
  [[{ product_id: '1', quantity: 10_001 }]],
  [[{ product_id: "1' OR '1'='1", quantity: 1 }]],
  [[{ product_id: '1', quantity: 1, price: '0.00' }]],
  [[{ quantity: 1 }]],
  [['1']],
  [Array(101).fill({ product_id: '1', quantity: 1 })],
])('refuses to reserve %j', async (wrong) => {
  const body = { order_id: 'bad', items: wrong };
  expectProblem(await ask('POST', `${inventory.url}/inventory/reserve`, { body }), 400, 'invalid-request');
});

it.each(["1'; DROP TABLE stock;--", '%', '../../etc/passwd', 'x'.repeat(65), '\u0000'])(
  'refuses the product id %j',
  async (id) => {
    const path = `/inventory/${encodeURIComponent(id)}`;
    expectProblem(await ask('GET', `${inventory.url}${path}`), 400, 'invalid-request');
  },
);

it.each(['ids=', 'ids=1,', "ids=1'", 'ids=1&ids=2', 'limit=0', 'limit=501', 'offset=-1', 'id=1'])(
  'refuses the query %s',
  async (query) => {
    expectProblem(await ask('GET', `${inventory.url}/inventory?${query}`), 400, 'invalid-request');
  },
);

it('after all of this nothing has changed', async () => {
  expect(await everything()).toBe(untouched);
});
