import { describe, expect, it } from 'vitest';
import { ask, askUntil } from '../ask.ts';
import { startBrokenShop } from './broken-shop.ts';

describe('a payment that was interrupted', () => {
  it('stays pending when nobody knows whether the money was taken, and the next ask finishes it without a second debit', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    shop.toUsers.decide = () => 'lose';
    const unknown = await shop.pay(order, 'again');
    expect(unknown.status).toBe(503);
    expect(unknown.headers.get('retry-after')).toBe('1');
    expect((await ask('GET', `${shop.paymentsUrl()}/api/payments/1`)).body['status']).toBe('pending');
    expect(await shop.balance()).toBe('200.01');
    shop.toUsers.decide = () => 'pass';
    const again = await shop.pay(order, 'again');
    expect(again.status).toBe(201);
    expect(again.body).toMatchObject({ id: '1', status: 'completed' });
    expect(await shop.balance()).toBe('200.01');
    expect(await shop.statusOf(order)).toBe('confirmed');
  });

  it('is finished in the background when nobody asks again', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    shop.toUsers.decide = () => 'drop';
    expect((await shop.pay(order)).status).toBe(503);
    expect(await shop.balance()).toBe('500.00');
    shop.toUsers.decide = () => 'pass';
    await expect.poll(() => shop.statusOf(order)).toBe('confirmed');
    expect(await shop.balance()).toBe('200.01');
  });

  it('is finished after a restart, and its idempotency key then has the answer', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    shop.toUsers.decide = () => 'lose';
    expect((await shop.pay(order, 'survives')).status).toBe(503);
    await shop.restartPayments(() => {
      shop.toUsers.decide = () => 'pass';
    });
    const finished = await askUntil(
      `${shop.paymentsUrl()}/api/payments/1`,
      ({ body }) => body['status'] === 'completed',
    );
    expect(finished.body['status']).toBe('completed');
    const replayed = await shop.pay(order, 'survives');
    expect(replayed.status).toBe(201);
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    expect(await shop.balance()).toBe('200.01');
  });

  it('is declined in the background when users, once it answers, refuses', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order('999.99');
    shop.toUsers.decide = () => 'drop';
    expect((await shop.pay(order)).status).toBe(503);
    shop.toUsers.decide = () => 'pass';
    const url = `${shop.paymentsUrl()}/api/payments/1`;
    const { body } = await askUntil(url, (answered) => answered.body['status'] !== 'pending');
    expect(body['status']).toBe('declined');
    expect(await shop.balance()).toBe('500.00');
    expect(await shop.statusOf(order)).toBe('created');
  });
});

describe('an order that cannot be told of its payment', () => {
  it('is told later; the payment stands and is not asked for again', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    shop.toOrders.decide = (method) => (method === 'PUT' ? 'drop' : 'pass');
    const paid = await shop.pay(order);
    expect(paid.status).toBe(201);
    expect(await shop.statusOf(order)).toBe('created');
    expect((await shop.pay(order)).body['type']).toBe('urn:shop:problem:already-paid');
    shop.toOrders.decide = () => 'pass';
    await expect.poll(() => shop.statusOf(order)).toBe('confirmed');
    expect(await shop.balance()).toBe('200.01');
  });

  it('is told after a restart although the answer to the first telling was lost', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    shop.toOrders.decide = (method) => (method === 'PUT' ? 'lose' : 'pass');
    expect((await shop.pay(order)).status).toBe(201);
    await shop.restartPayments(() => {
      shop.toOrders.decide = () => 'pass';
    });
    await expect.poll(() => shop.statusOf(order)).toBe('confirmed');
    expect(await shop.balance()).toBe('200.01');
  });

  it('can be refunded all the same, and ends refunded', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    shop.toOrders.decide = (method) => (method === 'PUT' ? 'drop' : 'pass');
    const paid = await shop.pay(order);
    expect((await shop.refund(paid.body['id'])).status).toBe(201);
    expect(await shop.balance()).toBe('500.00');
    shop.toOrders.decide = () => 'pass';
    await expect.poll(() => shop.statusOf(order)).toBe('refunded');
    expect(await shop.balance()).toBe('500.00');
  });
});

describe('an order that is called off while its payment is under way', () => {
  it('gets its money back, and the answer says that it cannot be paid', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    let isCancelled = Promise.resolve();
    shop.toUsers.decide = () => {
      isCancelled = isCancelled.then(async () => void (await shop.setStatus(order, 'cancelled')));
      return 'lose';
    };
    expect((await shop.pay(order, 'called-off')).status).toBe(503);
    await isCancelled;
    expect(await shop.statusOf(order)).toBe('cancelled');
    expect(await shop.balance()).toBe('200.01');
    shop.toUsers.decide = () => 'pass';
    const url = `${shop.paymentsUrl()}/api/payments/1`;
    const { body } = await askUntil(url, (answered) => answered.body['status'] === 'refunded');
    expect(body['status']).toBe('refunded');
    expect(await shop.balance()).toBe('500.00');
    expect(await shop.statusOf(order)).toBe('cancelled');
    expect((await shop.pay(order, 'called-off')).status).toBe(409);
  });
});
