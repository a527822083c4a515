import { describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { startMarket } from './market.ts';

describe('a checkout', () => {
  it('reserves, charges and confirms, and answers the confirmed order', async () => {
    const market = await startMarket();
    const initial = await market.stock();
    const address = { street: 'Main Street 1', city: 'Springfield' };
    const bought = await market.buy({ shipping_address: address });
    expect(bought.status, bought.text).toBe(201);
    expect(bought.headers.get('location')).toBe('/orders/1');
    expect(bought.body).toMatchObject({
      id: '1',
      user_id: '1',
      items: [{ product_id: '1', quantity: 2, price: '10.00' }],
      total: '20.00',
      total_amount: '20.00',
      status: 'confirmed',
      shipping_address: address,
      user_email: 'alice@example.com',
      processing_duration_ms: expect.any(Number),
    });
    expect(await market.order('1')).toEqual(bought.body);
    expect(market.toInventory().passed).toEqual(['POST /inventory/reserve', 'POST /inventory/confirm']);
    expect(await market.held()).toBe(2_000);
    await market.expectConserved(initial);
  });

  it('buys what is in the cart at the prices there, and empties it', async () => {
    const market = await startMarket();
    const add = `${market.cart.url}/cart/add`;
    await ask('POST', add, { body: { user_id: '1', product_id: '1', quantity: 1 } });
    await ask('POST', add, { body: { user_id: '1', product_id: 2, quantity: 2 } });
    market.products.prices.set('2', '99.00');
    const bought = await market.buy({ items: undefined });
    expect(bought.body).toMatchObject({
      status: 'confirmed',
      total: '35.00',
      items: [
        { product_id: '1', quantity: 1, price: '10.00' },
        { product_id: '2', quantity: 2, price: '12.50' },
      ],
    });
    expect((await ask('GET', `${market.cart.url}/cart?user_id=1`)).body).toMatchObject({ items: [] });
    const again = await market.buy({ items: undefined });
    expect(again.status).toBe(409);
    expect(again.body['type']).toBe('urn:shop:problem:empty-cart');
    expect(await market.orders()).toHaveLength(1);
  });

  it('counts a product that is named twice once, with both quantities', async () => {
    const market = await startMarket();
    const bought = await market.buy({
      items: [
        { product_id: '1', quantity: 2 },
        { product_id: '1', quantity: 3 },
      ],
    });
    expect(bought.body['items']).toEqual([{ product_id: '1', quantity: 5, price: '10.00' }]);
  });

  it('leaves in the cart what was put in while it was paid for', async () => {
    const market = await startMarket();
    const body = { user_id: '1', product_id: '1', quantity: 1 };
    await ask('POST', `${market.cart.url}/cart/add`, { body });
    let late = Promise.resolve();
    market.toPayments().decide = () => {
      late = ask('POST', `${market.cart.url}/cart/add`, { body: { ...body, product_id: '3' } }).then(
        () => undefined,
      );
      return 'pass';
    };
    market.toInventory().decide = () => 'pass';
    expect((await market.buy({ items: undefined })).status).toBe(201);
    await late;
    const cart = await ask('GET', `${market.cart.url}/cart?user_id=1`);
    expect(JSON.stringify(cart.body['items'])).toContain('"product_id":"3"');
  });

  it('is confirmed although the cart cannot be emptied, which is made up for later', async () => {
    const market = await startMarket();
    const body = { user_id: '1', product_id: '1', quantity: 1 };
    await ask('POST', `${market.cart.url}/cart/add`, { body });
    market.toCart().decide = (method) => (method === 'POST' ? 'drop' : 'pass');
    const bought = await market.buy({ items: undefined });
    expect(bought.status).toBe(201);
    market.toCart().decide = () => 'pass';
    const url = `${market.cart.url}/cart?user_id=1`;
    await expect.poll(async () => (await ask('GET', url)).body['items']).toEqual([]);
  });

  it.each([
    [{ items: [{ product_id: 'none', quantity: 1 }] }, 'unknown-product'],
    [{ user_id: '99' }, 'unknown-user'],
  ])('writes nothing down for %j', async (purchase, kind) => {
    const market = await startMarket();
    const refused = await market.buy(purchase);
    expect(refused.status).toBe(404);
    expect(refused.body['type']).toBe(`urn:shop:problem:${kind}`);
    expect(await market.orders()).toEqual([]);
  });

  it('never writes the card token into the log or into an answer', async () => {
    const market = await startMarket();
    const bought = await market.buy();
    expect(bought.text + market.logText()).not.toContain('tok_ok');
  });
});

describe('an idempotency key', () => {
  it('makes one order of ten simultaneous submissions', async () => {
    const market = await startMarket();
    const initial = await market.stock();
    const answers = await Promise.all(Array.from({ length: 10 }, () => market.buy({ key: 'double' })));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(9);
    expect(await market.orders()).toHaveLength(1);
    await market.expectConserved(initial);
  });

  it('belongs to one request', async () => {
    const market = await startMarket();
    await market.buy({ key: 'mine' });
    const other = await market.buy({ key: 'mine', items: [{ product_id: '2', quantity: 1 }] });
    expect(other.status).toBe(422);
    expect(await market.orders()).toHaveLength(1);
  });

  it('is not used up by a failed attempt', async () => {
    const market = await startMarket();
    market.toPayments().decide = () => 'drop';
    expect((await market.buy({ key: 'again' })).status).toBe(503);
    market.toPayments().decide = () => 'pass';
    await market.settled('1', 'failed');
    const second = await market.buy({ key: 'again' });
    expect(second.body).toMatchObject({ id: '2', status: 'confirmed' });
  });
});

it('sells ten pieces to a hundred buyers exactly ten times', async () => {
  const market = await startMarket();
  await ask('PUT', `${market.inventory.url}/inventory/1`, { body: { available: 10 } });
  const initial = await market.stock();
  const items = [{ product_id: '1', quantity: 1 }];
  const answers = await Promise.all(Array.from({ length: 100 }, () => market.buy({ items })));
  const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
  expect([count(201), count(409)]).toEqual([10, 90]);
  expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
    type: 'urn:shop:problem:insufficient-stock',
    product_id: '1',
    order_id: expect.any(String),
  });
  await market.expectConserved(initial);
});
