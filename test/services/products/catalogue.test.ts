import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadContract } from '../../../services/kit/contract/index.ts';
import { ask } from '../ask.ts';
import { type RunningService, temporaryFolder } from '../start-service.ts';
import { productsAt, startProducts } from './start-catalog.ts';

let products: RunningService;
beforeAll(async () => {
  products = await startProducts();
});
afterAll(async () => {
  await products.stop();
});

it('has the routes that its OpenAPI document describes, and no others', async () => {
  const contract = await loadContract('products', undefined);
  expect([...products.app.endpoints].sort()).toEqual([...contract.operations].sort());
});

describe('the catalogue', () => {
  it('has 100 products in 6 categories, none of them empty', async () => {
    const all = await productsAt(`${products.url}/products`);
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, index) => `${index + 1}`));
    expect([...new Set(all.map(({ category }) => category))].sort()).toEqual([
      'books',
      'clothing',
      'electronics',
      'home',
      'sports',
      'toys',
    ]);
  });

  it('is the same everywhere, but for the ids where FIRST_PRODUCT_ID says so', async () => {
    const other = await startProducts({ settings: { FIRST_PRODUCT_ID: '101' } });
    const [here, there] = [
      await productsAt(`${products.url}/catalog`),
      await productsAt(`${other.url}/catalog`),
    ];
    expect(there.map(({ name, price }) => ({ name, price }))).toEqual(
      here.map(({ name, price }) => ({ name, price })),
    );
    expect((await ask('GET', `${other.url}/catalog/123`)).body).toMatchObject({
      id: '123',
      name: here[22]?.name,
    });
    expect((await ask('GET', `${other.url}/catalog/1`)).status).toBe(404);
    await other.stop();
  });

  it('is not made up again by a restart', async () => {
    const folder = await temporaryFolder();
    const first = await startProducts({ folder });
    await first.stop();
    const second = await startProducts({ folder });
    expect((await ask('GET', `${second.url}/products?limit=1`)).body['total']).toBe(100);
    await second.stop();
  });

  it('answers one product alike under both of its paths', async () => {
    const [one, other] = [
      await ask('GET', `${products.url}/products/7`),
      await ask('GET', `${products.url}/catalog/7`),
    ];
    expect(one.status).toBe(200);
    expect(one.body).toMatchObject({ id: '7', currency: 'USD', stock: null });
    expect(one.body['price']).toMatch(/^\d+\.\d\d$/);
    expect(other.text).toBe(one.text);
  });

  it.each(['products', 'catalog'])('says 404 for an id that it does not have: /%s', async (path) => {
    const answered = await ask('GET', `${products.url}/${path}/nothing`);
    expect(answered.status).toBe(404);
    expect(answered.body['type']).toBe('urn:shop:problem:unknown-product');
  });
});

describe('pages', () => {
  it('numbered pages are limit and offset in other words', async () => {
    const numbered = await ask('GET', `${products.url}/products?page=3&per_page=10`);
    const counted = await ask('GET', `${products.url}/products?limit=10&offset=20`);
    expect(numbered.text).toBe(counted.text);
    expect(numbered.body).toMatchObject({ total: 100, limit: 10, offset: 20 });
  });

  it('all pages together are the whole catalogue, in every order', async () => {
    for (const sort of ['name', '-price', 'created_at']) {
      const pages = await Promise.all(
        [1, 2, 3, 4].map((page) =>
          productsAt(`${products.url}/products?per_page=30&page=${page}&sort=${sort}`),
        ),
      );
      expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(100);
    }
  });

  it('beyond the end are empty', async () => {
    expect(await productsAt(`${products.url}/products?page=11&per_page=10`)).toEqual([]);
  });

  it('cannot be numbered and counted at once', async () => {
    const answered = await ask('GET', `${products.url}/products?page=2&offset=5`);
    expect(answered.status).toBe(400);
    expect(answered.body['detail']).toBe('query/page: cannot go with offset');
  });
});

describe('filters', () => {
  it('keep one category', async () => {
    const { body } = await ask('GET', `${products.url}/products?category=toys&limit=3`);
    expect(body).toMatchObject({ total: 16, products: Array(3).fill({ category: 'toys' }) });
  });

  it('keep prices between two limits, both of them included', async () => {
    const [cheapest] = await productsAt(`${products.url}/products?sort=price&limit=1`);
    const same = await productsAt(
      `${products.url}/products?min_price=${cheapest?.price}&max_price=${cheapest?.price}`,
    );
    expect(same.map(({ id }) => id)).toContain(cheapest?.id);
    const some = await productsAt(`${products.url}/products?min_price=100&max_price=200.50`);
    expect(some.length).toBeGreaterThan(0);
    for (const { price } of some) {
      expect(Number(price)).toBeGreaterThanOrEqual(100);
      expect(Number(price)).toBeLessThanOrEqual(200.5);
    }
  });

  it.each([
    ['name', 1],
    ['-name', -1],
    ['price', 1],
    ['-price', -1],
  ] as const)('sort by %s', async (sort, direction) => {
    const listed = await productsAt(`${products.url}/products?sort=${sort}`);
    const keys = listed.map(({ name, price }) => (sort.endsWith('price') ? Number(price) : name));
    expect(keys).toEqual(keys.toSorted((a, b) => (a < b ? -direction : a > b ? direction : 0)));
  });

  it.each([
    'category=weapons',
    "category=toys' OR '1'='1",
    'min_price=-1',
    'min_price=1.005',
    'max_price=1e3',
    'max_price=',
    'min_price=2&max_price=1',
    'sort=stock',
    'sort=price;DROP TABLE products',
    'page=0',
    'page=x',
    'per_page=501',
    'colour=red',
    'category=toys&category=books',
  ])('refuse %s with a 400 problem that names the parameter', async (query) => {
    const answered = await ask('GET', `${products.url}/products?${query}`);
    expect(answered.status).toBe(400);
    expect(answered.body['type']).toBe('urn:shop:problem:invalid-request');
    expect(answered.body['detail']).toMatch(/^query\//);
  });
});
