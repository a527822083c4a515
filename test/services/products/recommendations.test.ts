import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { type Issuer, startIssuer } from '../issue-token.ts';
import type { RunningService } from '../start-service.ts';
import { type Product, productsAt, startProducts, startStandIn } from './start-catalog.ts';

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(async () => {
  await issuer.stop();
});

async function catalogue(options: Parameters<typeof startProducts>[0] = {}): Promise<RunningService> {
  const products = await startProducts(options);
  onTestFinished(products.stop);
  return products;
}

async function idsOf(products: RunningService, category: string): Promise<string[]> {
  return (await productsAt(`${products.url}/products?category=${category}`)).map(({ id }) => id);
}

const categoriesOf = (found: Product[]) => found.map(({ category }) => category);

const order = (items: unknown[], status = 'confirmed') => ({ id: 'o', status, items });
const ordersOf = (...orders: object[]) =>
  startStandIn({ status: 200, body: { orders, total: orders.length, limit: 500, offset: 0 } });

describe('recommendations', () => {
  it('for whoever is not known are the best of each category', async () => {
    const { url } = await catalogue();
    const { body } = await ask('GET', `${url}/recommendations?limit=6`);
    expect(body).toMatchObject({ based_on: 'catalogue', total: 100, limit: 6, offset: 0 });
    const found = await productsAt(`${url}/recommendations?limit=12`);
    expect(new Set(categoriesOf(found.slice(0, 6))).size).toBe(6);
    expect(new Set(categoriesOf(found.slice(6))).size).toBe(6);
  });

  it('for whoever is not known begin with what others look at', async () => {
    const products = await catalogue();
    const [, , third = ''] = await idsOf(products, 'toys');
    await ask('GET', `${products.url}/products/${third}?user_id=somebody`);
    const found = await productsAt(`${products.url}/recommendations?limit=6&user_id=new`);
    expect(found.map(({ id }) => id)).toContain(third);
  });

  it('follow what a user looked at', async () => {
    const products = await catalogue();
    const [, , looked = ''] = await idsOf(products, 'books');
    await ask('GET', `${products.url}/products/${looked}?user_id=7`);
    const { body } = await ask('GET', `${products.url}/recommendations?user_id=7&limit=1`);
    expect(body).toMatchObject({ based_on: 'history', products: [{ id: looked, category: 'books' }] });
    const found = await productsAt(`${products.url}/recommendations?user_id=7&limit=17`);
    expect(new Set(categoriesOf(found))).toEqual(new Set(['books']));
  });

  it('follow what a user bought more than what they looked at, and leave out what they have', async () => {
    const products = await startProducts();
    const [[bought = ''], [looked = '']] = [await idsOf(products, 'sports'), await idsOf(products, 'home')];
    await products.stop();
    const orders = await ordersOf(order([{ product_id: bought, quantity: 1, price: '1.00' }, 'Phone']));
    const { url } = await catalogue({ upstreams: { orders: orders.url } });
    await ask('GET', `${url}/products/${looked}?user_id=7`);
    const found = await productsAt(`${url}/recommendations?user_id=7&limit=100`);
    expect(orders.asked).toEqual(['GET /api/users/7/orders?limit=500']);
    expect(found).toHaveLength(99);
    expect(found.map(({ id }) => id)).not.toContain(bought);
    const sports = 16;
    expect(new Set(categoriesOf(found.slice(0, sports - 1)))).toEqual(new Set(['sports']));
    expect(found[sports - 1]?.id).toBe(looked);
  });

  it.each(['cancelled', 'failed', 'refunded'])('do not follow an order that was %s', async (status) => {
    const orders = await ordersOf(order([{ product_id: '1', quantity: 1 }], status));
    const { url } = await catalogue({ upstreams: { orders: orders.url } });
    const { body } = await ask('GET', `${url}/recommendations?user_id=7`);
    expect(body).toMatchObject({ based_on: 'catalogue', total: 100 });
  });

  it.each([
    ['answer nonsense', { status: 200, body: { orders: 'many' } }],
    ['are not available', { status: 503, body: {} }],
    ['never answer', 'never'],
  ] as const)('are made of views alone when the orders %s', async (_what, answer) => {
    const orders = await startStandIn(answer);
    const products = await catalogue({ upstreams: { orders: orders.url } });
    await ask('GET', `${products.url}/products/1?user_id=7`);
    const answered = await ask('GET', `${products.url}/recommendations?user_id=7&limit=1`);
    expect(answered.status).toBe(200);
    expect(answered.body).toMatchObject({ based_on: 'history', products: [{ id: '1' }] });
    expect(products.logText()).toContain('recommendations are made without the orders');
  });

  it.each(['limit=0', 'limit=501', 'offset=-1', "user_id=1' OR '1'='1", 'user_id=', 'userid=1'])(
    'refuse %s',
    async (query) => {
      const { url } = await catalogue();
      expect((await ask('GET', `${url}/recommendations?${query}`)).status).toBe(400);
    },
  );
});

describe('where tokens are in use', () => {
  it('whoever browses needs none', async () => {
    const { url } = await catalogue({ auth: issuer.auth });
    for (const path of ['/products', '/products/1', '/catalog', '/search?q=a', '/recommendations']) {
      expect((await ask('GET', `${url}${path}`)).status, path).toBe(200);
    }
  });

  it('what a user looked at with their token counts for them, and for nobody else', async () => {
    const products = await catalogue({ auth: issuer.auth });
    const [alice, bob] = [await issuer.asUser('1'), await issuer.asUser('2')];
    await ask('GET', `${products.url}/catalog/2`, { headers: alice });
    const basis = async (headers: Record<string, string>) =>
      (await ask('GET', `${products.url}/recommendations`, { headers })).body['based_on'];
    expect(await basis(alice)).toBe('history');
    expect(await basis(bob)).toBe('catalogue');
  });

  it.each(['/recommendations?', '/products/1?'])(
    "another user's history is not for everybody: %s",
    async (path) => {
      const { url } = await catalogue({ auth: issuer.auth });
      const read = (headers: Record<string, string>) => ask('GET', `${url}${path}user_id=1`, { headers });
      expect((await read({})).status).toBe(401);
      expect((await read(await issuer.asUser('2'))).status).toBe(403);
      expect((await read({ authorization: 'Bearer forged' })).status).toBe(401);
      for (const headers of [
        await issuer.asUser('1'),
        await issuer.asUser('9', 'support'),
        await issuer.asService('cart'),
      ]) {
        expect((await read(headers)).status).toBe(200);
      }
    },
  );

  it('shows orders who it is', async () => {
    const orders = await ordersOf();
    const { url } = await catalogue({ auth: issuer.auth, upstreams: { orders: orders.url } });
    await ask('GET', `${url}/recommendations`, { headers: await issuer.asUser('1') });
    expect(orders.asked).toHaveLength(1);
    expect(issuer.calls.get('/internal/create-token')).toBeGreaterThan(0);
  });
});
