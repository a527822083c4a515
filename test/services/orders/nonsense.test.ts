import { describe, expect, it } from 'vitest';
import { startMarket } from './market.ts';

describe('an answer that says nothing', () => {
  it('of cart is a 502 problem, and no order is written down', async () => {
    const market = await startMarket();
    market.toCart().decide = () => 'garble';
    const answered = await market.buy({ items: undefined });
    expect(answered.status, answered.text).toBe(502);
    expect(await market.orders()).toEqual([]);
  });

  it('of payments to a charge undoes the order: it may have been charged, and ends without', async () => {
    const market = await startMarket();
    const initial = await market.stock();
    market.toPayments().decide = (_method, path) => (path === '/payment/process' ? 'garble' : 'pass');
    const answered = await market.buy({ key: 'once' });
    expect(answered.status, answered.text).toBe(502);
    expect(await market.statusOf(answered.body['order_id'])).toBe('failed');
    expect(await market.stock()).toEqual(initial);
    expect(await market.held()).toBe(0);
    market.toPayments().decide = () => 'pass';
    expect((await market.buy({ key: 'once' })).body['status']).toBe('confirmed');
  });

  it('of inventory to a release leaves the order to be undone later', async () => {
    const market = await startMarket();
    const initial = await market.stock();
    market.toInventory().decide = (_method, path) => (path === '/inventory/release' ? 'refuse' : 'pass');
    const refused = await market.buy({ token: 'tok_declined' });
    expect(refused.status, refused.text).toBe(402);
    const id = refused.body['order_id'];
    expect(await market.statusOf(id)).toBe('reserved');
    market.toInventory().decide = () => 'pass';
    await market.settled(id, 'failed');
    expect(await market.stock()).toEqual(initial);
  });

  it('of payments to a cancellation leaves the order to be given back later', async () => {
    const market = await startMarket();
    const initial = await market.stock();
    await market.buy();
    market.toPayments().decide = () => 'refuse';
    expect((await market.cancel('1')).status).toBe(502);
    expect(await market.held()).toBe(2_000);
    market.toPayments().decide = () => 'pass';
    await market.settled('1', 'refunded');
    expect(await market.held()).toBe(0);
    expect(await market.stock()).toEqual(initial);
  });
});

it.each([
  ['nothing', '0.00'],
  ['more than anybody can pay', '90000000000.00'],
])('an order that costs %s is refused with 409, and nothing is reserved', async (_what, price) => {
  const market = await startMarket();
  market.products.prices.set('1', price);
  const answered = await market.buy({ items: [{ product_id: '1', quantity: 1_000 }] });
  expect(answered.status, answered.text).toBe(409);
  expect(answered.body['type']).toBe('urn:shop:problem:not-payable');
  expect(await market.orders()).toEqual([]);
  expect(market.toInventory().passed).toEqual([]);
});
