import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningService } from '../start-service.ts';
import { startInventory, talkTo } from './start-inventory.ts';

let inventory: RunningService;
let shop: ReturnType<typeof talkTo>;
let count = 0;
beforeAll(async () => {
  inventory = await startInventory();
  shop = talkTo(inventory);
});
afterAll(async () => {
  await inventory.stop();
});

/** A product of its own with so many pieces, and an order that nobody has used. */
async function given(available: number) {
  count += 1;
  const product = `p-${count}`;
  await shop.setStock(product, available);
  return { product, order: `o-${count}`, items: (quantity: number) => [{ product_id: product, quantity }] };
}

describe('reserving', () => {
  it('moves pieces from available to reserved until the time that it names', async () => {
    const { product, order, items } = await given(10);
    const answered = await shop.reserve(order, items(3));
    expect(answered.status).toBe(201);
    expect(answered.body).toMatchObject({ order_id: order, status: 'reserved', items: items(3) });
    expect(Date.parse(String(answered.body['expires_at']))).toBeGreaterThan(Date.now() + 14 * 60_000);
    expect(await shop.stock(product)).toEqual({ product_id: product, available: 7, reserved: 3, sold: 0 });
  });

  it('reserves nothing at all when one item is short, and names it', async () => {
    const [plenty, scarce] = [await given(10), await given(1)];
    const answered = await shop.reserve(plenty.order, [...plenty.items(1), ...scarce.items(2)]);
    expect(answered.status).toBe(409);
    expect(answered.body).toMatchObject({
      type: 'urn:shop:problem:insufficient-stock',
      product_id: scarce.product,
      available: 1,
      requested: 2,
    });
    expect(await shop.stock(plenty.product)).toMatchObject({ available: 10, reserved: 0 });
    expect((await shop.release(plenty.order)).status).toBe(404);
  });

  it('reserves nothing at all when one product is unknown', async () => {
    const { product, order, items } = await given(10);
    const answered = await shop.reserve(order, [...items(1), { product_id: 'zzz-nothing', quantity: 1 }]);
    expect(answered.status).toBe(404);
    expect(answered.body['type']).toBe('urn:shop:problem:unknown-product');
    expect(await shop.stock(product)).toMatchObject({ available: 10, reserved: 0 });
  });

  it('counts a product that is named twice with the sum', async () => {
    const { order, items } = await given(10);
    expect((await shop.reserve(order, [...items(6), ...items(5)])).status).toBe(409);
    const answered = await shop.reserve(order, [...items(6), ...items(4)]);
    expect(answered.body['items']).toEqual(items(10));
  });

  it('reads integer ids as their decimal strings', async () => {
    const answered = await shop.reserve('integer', [{ product_id: 2, quantity: 1 }]);
    expect(answered.body['items']).toEqual([{ product_id: '2', quantity: 1 }]);
  });

  it('100 parallel buyers of 10 pieces: exactly 10 get one', async () => {
    const { product, order, items } = await given(10);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, buyer) => shop.reserve(`${order}-${buyer}`, items(1))),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(90);
    expect(await shop.stock(product)).toEqual({ product_id: product, available: 0, reserved: 10, sold: 0 });
  });

  it('20 times the same order at once reserves once, and all have the same answer', async () => {
    const { product, order, items } = await given(10);
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.reserve(order, items(2))));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await shop.stock(product)).toMatchObject({ available: 8, reserved: 2 });
  });

  it('the same order with its items in another order is the same', async () => {
    const [one, two] = [await given(5), await given(5)];
    await shop.reserve(one.order, [...one.items(1), ...two.items(2)]);
    expect((await shop.reserve(one.order, [...two.items(2), ...one.items(1)])).status).toBe(200);
  });

  it('refuses other items for the same order', async () => {
    const { product, order, items } = await given(10);
    await shop.reserve(order, items(2));
    const answered = await shop.reserve(order, items(3));
    expect(answered.status).toBe(409);
    expect(answered.body['type']).toBe('urn:shop:problem:reservation-differs');
    expect(await shop.stock(product)).toMatchObject({ available: 8, reserved: 2 });
  });
});

describe('confirming', () => {
  it('sells what is reserved, once', async () => {
    const { product, order, items } = await given(10);
    await shop.reserve(order, items(4));
    const first = await shop.confirm(order);
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ status: 'confirmed', items: items(4) });
    expect((await shop.confirm(order)).text).toBe(first.text);
    expect(await shop.stock(product)).toEqual({ product_id: product, available: 6, reserved: 0, sold: 4 });
    expect((await shop.reserve(order, items(4))).body['status']).toBe('confirmed');
  });

  it('of a released order is refused, and so is reserving for it again', async () => {
    const { product, order, items } = await given(10);
    await shop.reserve(order, items(4));
    await shop.release(order);
    for (const answered of [await shop.confirm(order), await shop.reserve(order, items(4))]) {
      expect(answered.status).toBe(409);
      expect(answered.body).toMatchObject({
        type: 'urn:shop:problem:reservation-ended',
        reservation_status: 'released',
      });
    }
    expect(await shop.stock(product)).toMatchObject({ available: 10, reserved: 0, sold: 0 });
  });
});

describe('releasing', () => {
  it.each(['reserved', 'confirmed'])('makes what is %s available again, once', async (state) => {
    const { product, order, items } = await given(10);
    await shop.reserve(order, items(4));
    if (state === 'confirmed') await shop.confirm(order);
    const answers = await Promise.all(Array.from({ length: 5 }, () => shop.release(order)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.body).toMatchObject({ status: 'released' });
    expect(await shop.stock(product)).toEqual({ product_id: product, available: 10, reserved: 0, sold: 0 });
  });

  it.each(['confirm', 'release'] as const)(
    'and confirming what was never reserved is a 404: %s',
    async (verb) => {
      const answered = await shop[verb]('never');
      expect(answered.status).toBe(404);
      expect(answered.body['type']).toBe('urn:shop:problem:unknown-reservation');
    },
  );
});

describe('an idempotency key', () => {
  it('repeats the first answer, marked as such', async () => {
    const { order, items } = await given(10);
    const first = await shop.reserve(order, items(2), `key-${order}`);
    const second = await shop.reserve(order, items(2), `key-${order}`);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  it('is refused with 422 for another request', async () => {
    const [one, two] = [await given(10), await given(10)];
    await shop.reserve(one.order, one.items(2), `key-${one.order}`);
    const other = await shop.reserve(two.order, two.items(2), `key-${one.order}`);
    const release = await shop.release(one.order, `key-${one.order}`);
    expect([other.status, release.status]).toEqual([422, 422]);
    expect(await shop.stock(two.product)).toMatchObject({ available: 10 });
  });

  it('is not used up by a failed attempt', async () => {
    const { product, order, items } = await given(1);
    expect((await shop.reserve(order, items(2), `key-${order}`)).status).toBe(409);
    await shop.setStock(product, 2);
    expect((await shop.reserve(order, items(2), `key-${order}`)).status).toBe(201);
  });
});
