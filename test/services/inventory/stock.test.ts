import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadContract } from '../../../services/kit/contract/index.ts';
import { ask } from '../ask.ts';
import { type RunningService, temporaryFolder } from '../start-service.ts';
import { startInventory, talkTo } from './start-inventory.ts';

let inventory: RunningService;
beforeAll(async () => {
  inventory = await startInventory();
});
afterAll(async () => {
  await inventory.stop();
});

it('has the routes that its OpenAPI document describes, and no others', async () => {
  const contract = await loadContract('inventory', undefined);
  expect([...inventory.app.endpoints].sort()).toEqual([...contract.operations].sort());
});

describe('stock', () => {
  it('is seeded for 100 products by the formula that the catalogue counts on', async () => {
    const { body } = await ask('GET', `${inventory.url}/inventory?limit=2&offset=98`);
    expect(body).toEqual({
      inventory: [
        { product_id: '99', available: 73, reserved: 0, sold: 0 },
        { product_id: '100', available: 80, reserved: 0, sold: 0 },
      ],
      total: 100,
      limit: 2,
      offset: 98,
    });
  });

  it('begins with another product where FIRST_PRODUCT_ID says so', async () => {
    const other = await startInventory({ settings: { FIRST_PRODUCT_ID: '101' } });
    const { body } = await ask('GET', `${other.url}/inventory?limit=1`);
    expect(body).toMatchObject({ inventory: [{ product_id: '101', available: 87 }], total: 100 });
    expect((await ask('GET', `${other.url}/inventory/123`)).status).toBe(200);
    await other.stop();
  });

  it('is answered for many products at once, without those that are not known', async () => {
    const { body } = await ask('GET', `${inventory.url}/inventory?ids=7,nothing,3`);
    expect(body).toMatchObject({ inventory: [{ product_id: '3' }, { product_id: '7' }], total: 2 });
  });

  it('of an unknown product is a 404 problem', async () => {
    const answered = await ask('GET', `${inventory.url}/inventory/nothing`);
    expect(answered.status).toBe(404);
    expect(answered.body['type']).toBe('urn:shop:problem:unknown-product');
  });

  it('is set without touching what is reserved, and makes a product known', async () => {
    const { reserve, setStock, stock } = talkTo(inventory);
    const created = await setStock('set-1', 5);
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe('/inventory/set-1');
    await reserve('set-order', [{ product_id: 'set-1', quantity: 2 }]);
    const changed = await setStock('set-1', 50);
    expect(changed.status).toBe(200);
    expect(changed.body).toEqual({ product_id: 'set-1', available: 50, reserved: 2, sold: 0 });
    expect(await stock('set-1')).toEqual(changed.body);
  });

  it('survives a restart and is not seeded again', async () => {
    const folder = await temporaryFolder();
    const first = await startInventory({ folder });
    await talkTo(first).reserve('before', [{ product_id: '1', quantity: 3 }]);
    await first.stop();
    const second = await startInventory({ folder });
    expect(await talkTo(second).stock('1')).toEqual({ product_id: '1', available: 24, reserved: 3, sold: 0 });
    await second.stop();
  });
});
