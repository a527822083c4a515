import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import type { RunningService } from '../start-service.ts';
import { type Product, productsAt, startProducts } from './start-catalog.ts';

let products: RunningService;
let all: Product[];
beforeAll(async () => {
  products = await startProducts();
  all = await productsAt(`${products.url}/products`);
});
afterAll(async () => {
  await products.stop();
});

const search = (q: string) => ask('GET', `${products.url}/search?q=${encodeURIComponent(q)}`);
const find = (q: string) => productsAt(`${products.url}/search?q=${encodeURIComponent(q)}`);
const namesOf = (found: Product[]) => found.map(({ name }) => name);

/** The last word of the name of a product that is a thing. */
function aThing(): string {
  const name = all.find(({ category }) => category === 'home')?.name ?? '';
  return name.split(' ').at(-1) ?? '';
}

describe('search', () => {
  it('finds every product that has the word in its name', async () => {
    const word = aThing();
    const expected = all.filter(({ name }) => name.split(' ').includes(word));
    expect(expected.length).toBeGreaterThan(0);
    expect(namesOf(await find(word))).toEqual(expect.arrayContaining(namesOf(expected)));
  });

  it('does not care for case, endings and unfinished words', async () => {
    const word = aThing();
    const found = namesOf(await find(word)).sort();
    expect(namesOf(await find(word.toUpperCase())).sort()).toEqual(found);
    expect(namesOf(await find(`${word}s`)).sort()).toEqual(found);
    expect(namesOf(await find(word.slice(0, -1)))).toEqual(expect.arrayContaining(found));
  });

  it('wants every word', async () => {
    const { name = '' } = all.find(({ category }) => category === 'sports') ?? {};
    const found = await find(name.split(' ').reverse().join(' '));
    expect(namesOf(found)).toContain(name);
    expect(await find(`${name} nonsenseword`)).toEqual([]);
  });

  it('puts a hit in the name before one in the description', async () => {
    const named = (word: string) => all.filter(({ name }) => name.toLowerCase().includes(word)).length;
    const described = (word: string) => all.filter(({ description }) => description.includes(word)).length;
    // "Lamp of steel: practical and light." has such words, which other products have in their names.
    const word = all
      .flatMap(({ description }) => description.match(/(?<=: )[a-z]+/) ?? [])
      .find((one) => named(one) > 0 && described(one) > 0);
    const isInName = (await find(`${word}`)).map(({ name }) => name.toLowerCase().includes(`${word}`));
    expect(new Set(isInName)).toEqual(new Set([true, false]));
    expect(isInName).toEqual(isInName.toSorted((a, b) => Number(b) - Number(a)));
  });

  it('comes in pages', async () => {
    const { body } = await ask('GET', `${products.url}/search?q=books&page=2&per_page=5`);
    expect(body).toMatchObject({ total: 17, limit: 5, offset: 5 });
    expect(body['products']).toHaveLength(5);
  });

  it.each(['"', "'", '*', 'AND', 'a OR', 'NEAR(', 'name:', '-', '^', "'; DROP TABLE products;--", '%'])(
    'takes %j as text, not as a language',
    async (q) => {
      const answered = await search(q);
      expect(answered.status).toBe(200);
      expect((await ask('GET', `${products.url}/products?limit=1`)).body['total']).toBe(100);
    },
  );

  it.each(['/search', '/search?q=', `/search?q=${'x'.repeat(201)}`, '/search?q=a&q=b'])(
    'refuses %.20s with a 400 problem',
    async (path) => {
      const answered = await ask('GET', `${products.url}${path}`);
      expect(answered.status).toBe(400);
      expect(answered.body['type']).toBe('urn:shop:problem:invalid-request');
    },
  );
});
