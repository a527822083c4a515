import { describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { startBrokenShop } from './broken-shop.ts';

describe('paying an order', () => {
  it('takes the money, confirms the order, and is listed with its user', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    const paid = await shop.pay(order);
    expect(paid.status).toBe(201);
    expect(paid.headers.get('location')).toBe('/api/payments/1');
    expect(paid.body).toMatchObject({
      id: '1',
      payment_id: '1',
      order_id: order,
      amount: '299.99',
      status: 'completed',
    });
    expect(await shop.balance()).toBe('200.01');
    expect(await shop.statusOf(order)).toBe('confirmed');
    const { body } = await ask('GET', `${shop.paymentsUrl()}/api/users/1/payments`);
    expect(body).toMatchObject({ total: 1, payments: [paid.body] });
    expect((await ask('GET', `${shop.paymentsUrl()}/api/payments/1`)).body).toEqual(paid.body);
  });

  it('happens once when 20 ask at the same time', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.pay(order)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(19);
    for (const { body } of refused) {
      expect(body).toMatchObject({ type: 'urn:shop:problem:already-paid', payment_id: '1' });
    }
    expect(shop.toUsers.passed.filter((call) => call.startsWith('POST'))).toHaveLength(1);
    expect(await shop.balance()).toBe('200.01');
  });

  it('has the same answer for 20 that ask with one idempotency key', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.pay(order, 'one-key')));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(19);
    expect(answers.every(({ headers }) => headers.get('location') === '/api/payments/1')).toBe(true);
    expect(await shop.balance()).toBe('200.01');
  });

  it('is refused with 422 when the key was used for another order', async () => {
    const shop = await startBrokenShop();
    const [first, second] = [await shop.order('1.00'), await shop.order('1.00')];
    await shop.pay(first, 'one-key');
    expect((await shop.pay(second, 'one-key')).status).toBe(422);
    expect(await shop.statusOf(second)).toBe('created');
  });

  it('is declined with 402 without funds, leaves everything unchanged, and succeeds later with the same key', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order('999.99');
    const declined = await shop.pay(order, 'patient');
    expect(declined.status).toBe(402);
    expect(declined.body).toMatchObject({ type: 'urn:shop:problem:insufficient-funds', payment_id: '1' });
    expect(await shop.balance()).toBe('500.00');
    expect(await shop.statusOf(order)).toBe('created');
    const credit = { operation: 'credit', amount: '500.00' };
    await ask('POST', `${shop.users.url}/api/users/1/balance`, { body: credit });
    expect((await shop.pay(order, 'patient')).status).toBe(201);
    expect(await shop.balance()).toBe('0.01');
  });

  it('is refused for an unknown order, for the order of another user, and for one that was called off', async () => {
    const shop = await startBrokenShop();
    expect((await shop.pay('nothing')).status).toBe(404);
    const order = await shop.order();
    expect((await shop.pay(order, undefined, '2')).status).toBe(403);
    await shop.setStatus(order, 'cancelled');
    expect((await shop.pay(order)).body['type']).toBe('urn:shop:problem:not-payable');
    expect(await shop.balance()).toBe('500.00');
    expect(await shop.balance('2')).toBe('300.00');
  });
});
