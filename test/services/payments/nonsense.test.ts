import { describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { startBrokenShop } from './broken-shop.ts';

describe('an answer that says nothing', () => {
  it('of orders about the order is a 502 problem, and nothing is taken', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    shop.toOrders.decide = () => 'garble';
    expect((await shop.pay(order)).status).toBe(502);
    expect(await shop.balance()).toBe('500.00');
    expect((await ask('GET', `${shop.paymentsUrl()}/api/payments`)).body['total']).toBe(0);
  });

  it('of users to a debit leaves the payment pending, until it is known', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    shop.toUsers.decide = () => 'refuse';
    const payment = async () => (await ask('GET', `${shop.paymentsUrl()}/api/payments/1`)).body['status'];
    expect((await shop.pay(order)).status).toBe(502);
    expect(await payment()).toBe('pending');
    shop.toUsers.decide = () => 'pass';
    await expect.poll(() => shop.statusOf(order)).toBe('confirmed');
    expect(await payment()).toBe('completed');
    expect(await shop.balance()).toBe('200.01');
  });

  it('of users to a refund leaves it under way, and the money goes back once', async () => {
    const shop = await startBrokenShop();
    const paid = await shop.pay(await shop.order());
    shop.toUsers.decide = () => 'refuse';
    expect((await shop.refund(paid.body['id'])).status).toBe(502);
    expect(await shop.balance()).toBe('200.01');
    shop.toUsers.decide = () => 'pass';
    await expect.poll(() => shop.balance()).toBe('500.00');
  });
});

it('an order that refuses every move is told of its payment again and again, and the payment stands', async () => {
  const shop = await startBrokenShop();
  const order = await shop.order();
  shop.toOrders.decide = (method) => (method === 'PUT' ? 'refuse' : 'pass');
  expect((await shop.pay(order)).status).toBe(201);
  expect(await shop.statusOf(order)).toBe('created');
  expect(shop.logged().some(({ msg }) => msg === 'order does not follow')).toBe(true);
  shop.toOrders.decide = () => 'pass';
  await expect.poll(() => shop.statusOf(order)).toBe('confirmed');
  expect(await shop.balance()).toBe('200.01');
});
