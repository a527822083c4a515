import { describe, expect, it, onTestFinished } from 'vitest';
import { type Answered, ask } from '../ask.ts';
import { startFakeProducts } from '../fake-products.ts';
import { startFlakyProxy } from '../flaky-proxy.ts';
import { judgeOf } from '../judge.ts';
import { startCart, startUsers } from '../start-shop.ts';

const judge = judgeOf('cart');

async function startCarts({ withUsers = true } = {}) {
  const products = await startFakeProducts();
  const toProducts = await startFlakyProxy(products.url);
  const users = await startUsers();
  const upstreams = { products: toProducts.url, ...(withUsers ? { users: users.url } : {}) };
  const cart = await startCart({ upstreams });
  onTestFinished(async () => {
    for (const one of [cart, toProducts, products, users]) await one.stop();
  });
  const send = async (method: string, path: string, body?: unknown): Promise<Answered> => {
    const answered = await ask(method, `${cart.url}${path}`, body === undefined ? {} : { body });
    const template = path.split('?')[0]?.replace(/^\/cart\/(?!add$|update$|remove$|clear$).+/, '/cart/{id}');
    judge(`${method} ${template}`, answered);
    return answered;
  };
  const add = (product_id: unknown, quantity = 1, whose: object = { user_id: '1' }) =>
    send('POST', '/cart/add', { product_id, quantity, ...whose });
  return { products, toProducts, send, add };
}

describe('a cart', () => {
  it('is one for each user: adding twice makes the quantity larger, and no second cart', async () => {
    const { add, send } = await startCarts();
    const first = await add('1', 2);
    expect(first.body).toMatchObject({
      id: '1',
      user_id: '1',
      items: [{ product_id: '1', name: 'Product 1', quantity: 2, price: '10.00', subtotal: '20.00' }],
      subtotal: '20.00',
      version: 1,
    });
    await add(2, 1, { user_id: 1 });
    const third = await add('1', 3);
    expect(third.body).toMatchObject({ id: '1', subtotal: '62.50', version: 3 });
    expect(third.body['items']).toHaveLength(2);
    expect((await send('GET', '/cart?user_id=1')).body).toEqual(third.body);
    expect((await send('GET', '/cart/1')).body).toEqual(third.body);
  });

  it('loses nothing of twenty simultaneous additions', async () => {
    const { add, send } = await startCarts();
    await Promise.all(Array.from({ length: 20 }, () => add('3')));
    const { body } = await send('GET', '/cart?user_id=1');
    expect(body).toMatchObject({ items: [{ quantity: 20 }], subtotal: '19.80', version: 20 });
  });

  it('keeps the price at which a product was put in, until it is put in again', async () => {
    const { add, send, products } = await startCarts();
    await add('1');
    products.prices.set('1', '11.00');
    expect((await send('GET', '/cart?user_id=1')).body['subtotal']).toBe('10.00');
    expect((await add('1')).body['subtotal']).toBe('22.00');
  });

  it('is empty and has no id for a user who never put anything in', async () => {
    const { send } = await startCarts();
    const empty = { id: null, user_id: '2', items: [], subtotal: '0.00', version: 0, updated_at: null };
    expect((await send('GET', '/cart?user_id=2')).body).toEqual(empty);
    expect((await send('POST', '/cart/clear', { user_id: '2' })).body).toEqual(empty);
  });

  it('that belongs to nobody is made for who names neither user nor cart', async () => {
    const { add, send } = await startCarts({ withUsers: false });
    const one = await add('1', 1, {});
    const two = await add('1', 1, {});
    expect([one.body['user_id'], one.body['id'], two.body['id']]).toEqual([null, '1', '2']);
    const more = await add('2', 1, { cart_id: one.body['id'] });
    expect(more.body).toMatchObject({ id: '1', subtotal: '22.50' });
    expect((await send('GET', '/cart')).status).toBe(400);
  });
});

describe('changing a cart', () => {
  it('sets quantities, and takes a product out at 0', async () => {
    const { add, send } = await startCarts();
    await add('1', 2);
    const set = (quantity: number) => send('PUT', '/cart/update', { user_id: '1', product_id: 1, quantity });
    expect((await set(7)).body['subtotal']).toBe('70.00');
    expect((await set(0)).body['items']).toEqual([]);
    expect((await set(1)).body['type']).toBe('urn:shop:problem:not-in-cart');
  });

  it('takes a product out that is named in the body or in the query', async () => {
    const { add, send } = await startCarts();
    await add('1');
    await add('2');
    const removed = await send('DELETE', '/cart/remove', { user_id: '1', product_id: '1' });
    expect(removed.body['subtotal']).toBe('12.50');
    expect((await send('DELETE', '/cart/remove?user_id=1&product_id=2')).body['items']).toEqual([]);
    expect((await send('DELETE', '/cart/remove?user_id=1&product_id=2')).status).toBe(404);
    expect((await send('DELETE', '/cart/remove?user_id=1')).status).toBe(400);
  });

  it('empties it, by its owner or its id, as often as one likes', async () => {
    const { add, send } = await startCarts();
    await add('1');
    expect((await send('POST', '/cart/clear', { user_id: '1' })).body['items']).toEqual([]);
    await add('1');
    expect((await send('DELETE', '/cart/1')).body).toMatchObject({ id: '1', items: [] });
    expect((await send('DELETE', '/cart/1')).status).toBe(200);
    expect((await send('DELETE', '/cart/none')).status).toBe(404);
  });

  it('empties it only if nothing changed since the version that is named', async () => {
    const { add, send } = await startCarts();
    await add('1');
    await add('2');
    const stale = await send('POST', '/cart/clear', { user_id: '1', version: 1 });
    expect(stale.status).toBe(409);
    expect(stale.body['type']).toBe('urn:shop:problem:cart-changed');
    expect((await send('POST', '/cart/clear', { user_id: '1', version: 2 })).body['items']).toEqual([]);
  });
});

describe('a cart refuses', () => {
  it('an unknown product and an unknown user, and writes nothing', async () => {
    const { add, send } = await startCarts();
    expect((await add('none')).body['type']).toBe('urn:shop:problem:unknown-product');
    expect((await add('1', 1, { user_id: '99' })).body['type']).toBe('urn:shop:problem:unknown-user');
    expect((await send('GET', '/cart?user_id=99')).body['id']).toBeNull();
  });

  it('more than it holds, and stays as it was', async () => {
    const { add, send, products } = await startCarts();
    await add('1', 9_999);
    const full = await add('1', 2);
    expect(full.status).toBe(409);
    expect(full.body['type']).toBe('urn:shop:problem:cart-full');
    products.prices.set('2', '99999999999.99');
    expect((await add('2', 10)).status).toBe(409);
    expect((await send('GET', '/cart?user_id=1')).body).toMatchObject({ subtotal: '99990.00', version: 1 });
  });

  it('to be named in two ways at once', async () => {
    const { add } = await startCarts();
    expect((await add('1', 1, { user_id: '1', cart_id: '1' })).status).toBe(400);
  });

  it('with 503 while products is gone, and with 502 while it makes no sense', async () => {
    const { add, toProducts, products } = await startCarts();
    toProducts.decide = () => 'drop';
    const down = await add('1');
    expect([down.status, down.headers.get('retry-after')]).toEqual([503, '1']);
    toProducts.decide = () => 'pass';
    products.prices.set('1', 'free');
    expect((await add('1')).status).toBe(502);
  });
});
