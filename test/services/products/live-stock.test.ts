import { describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { startInventory, talkTo } from '../inventory/start-inventory.ts';
import { productsAt, startProducts, startStandIn } from './start-catalog.ts';

async function productsAsking(inventory: string | undefined) {
  const products = await startProducts({ upstreams: inventory === undefined ? {} : { inventory } });
  onTestFinished(products.stop);
  return products;
}

describe('stock', () => {
  it('is what the inventory says at that moment', async () => {
    const inventory = await startInventory();
    onTestFinished(inventory.stop);
    const products = await productsAsking(inventory.url);
    // Products waits half a second for the inventory, which on a busy machine is not enough for a first answer.
    const stock = async () => (await ask('GET', `${products.url}/products/1`)).body['stock'];
    await expect.poll(stock).toEqual({ available: 27 });
    await talkTo(inventory).reserve('order', [{ product_id: '1', quantity: 7 }]);
    await expect.poll(stock).toEqual({ available: 20 });
    const listed = () => productsAt(`${products.url}/products?limit=500`);
    await expect.poll(listed).toHaveLength(100);
    await expect.poll(async () => (await listed())[99]?.stock).toEqual({ available: 80 });
  });

  it('of a whole page is asked for with one question', async () => {
    const inventory = await startStandIn({
      status: 200,
      body: { inventory: [{ product_id: '2', available: 5 }], total: 1, limit: 500, offset: 0 },
    });
    const products = await productsAsking(inventory.url);
    const listed = await productsAt(`${products.url}/products?limit=3`);
    expect(inventory.asked).toEqual(['GET /inventory?limit=500&ids=1,2,3']);
    expect(listed.map(({ stock }) => stock)).toEqual([{ available: 0 }, { available: 5 }, { available: 0 }]);
  });

  it('is not asked for when there is nothing to tell it of', async () => {
    const inventory = await startStandIn({ status: 200, body: { inventory: [] } });
    const products = await productsAsking(inventory.url);
    expect(await productsAt(`${products.url}/search?q=nonsenseword`)).toEqual([]);
    expect(inventory.asked).toEqual([]);
  });

  it('is null where the shop has no inventory', async () => {
    const products = await productsAsking(undefined);
    expect((await ask('GET', `${products.url}/products/1`)).body['stock']).toBeNull();
    expect((await ask('GET', `${products.url}/health`)).body).toMatchObject({
      status: 'healthy',
      dependencies: { database: 'available' },
    });
  });

  it.each([
    ['answers nonsense', { status: 200, body: { stock: 'plenty' } }],
    ['refuses', { status: 403, body: {} }],
    ['fails', { status: 500, body: {} }],
    ['is not available', { status: 503, body: {} }],
    ['never answers', 'never'],
  ] as const)('is null, and the answer still 200, when the inventory %s', async (_what, answer) => {
    const inventory = await startStandIn(answer);
    const products = await productsAsking(inventory.url);
    const [one, list, found, recommended] = await Promise.all(
      ['/products/1', '/products?limit=2', '/search?q=books', '/recommendations'].map((path) =>
        ask('GET', `${products.url}${path}`),
      ),
    );
    expect(one?.body['stock']).toBeNull();
    for (const answered of [one, list, found, recommended]) expect(answered?.status).toBe(200);
    expect(list?.body['products']).toMatchObject([{ stock: null }, { stock: null }]);
    expect(products.logText()).toContain('products are answered without their stock');
  });

  it('is null when nobody listens where the inventory should be, and health says so', async () => {
    const inventory = await startInventory();
    await inventory.stop();
    const products = await productsAsking(inventory.url);
    const answered = await ask('GET', `${products.url}/products/1`);
    expect([answered.status, answered.body['stock']]).toEqual([200, null]);
    expect((await ask('GET', `${products.url}/health`)).body).toMatchObject({
      status: 'degraded',
      dependencies: { inventory: 'unavailable' },
    });
  });
});
