import { rm } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../services/kit/store/index.ts';
import { productsMigrations } from '../../../services/products/store.ts';
import { ask } from '../ask.ts';
import { isOnServer, placeIn } from '../databases.ts';
import { temporaryFolder } from '../start-service.ts';
import { productsAt, startProducts } from './start-catalog.ts';

async function withVandal() {
  const folder = await temporaryFolder();
  const products = await startProducts({ folder });
  const vandal = await openStore({ ...placeIn(folder, 'products'), migrations: productsMigrations });
  onTestFinished(async () => {
    await vandal.close();
    await products.stop();
    await rm(folder, { recursive: true });
  });
  return { products, database: vandal.read };
}

it('a view that cannot be remembered does not keep anybody from looking', async () => {
  const { products, database } = await withVandal();
  await database.schema.dropTable('views');
  expect((await ask('GET', `${products.url}/products/1?user_id=7`)).status).toBe(200);
  expect(products.logText()).toContain('a view is not remembered');
});

it('a broken database is a plain 500 that tells nothing of the inside', async () => {
  const { products, database } = await withVandal();
  await database.raw(isOnServer ? 'drop table products cascade' : 'drop table products');
  const failed = await ask('GET', `${products.url}/products/1`);
  expect(failed.status).toBe(500);
  expect(failed.text).not.toMatch(/sqlite|select|stack/i);
});

it('a product without a picture is answered without one', async () => {
  const { products, database } = await withVandal();
  await database('products').where({ id: '1' }).update({ image_url: null });
  const [first, second] = await productsAt(`${products.url}/products?limit=2`);
  expect(first).not.toHaveProperty('image_url');
  expect(second).toHaveProperty('image_url');
});
