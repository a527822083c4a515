import { describe, expect, it } from 'vitest';
import { startBrokenShop } from './broken-shop.ts';

describe('refunding a payment', () => {
  it('returns the money once when ten ask at the same time', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    const { body: payment } = await shop.pay(order);
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.refund(payment['id'])));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      201,
      ...Array.from({ length: 9 }, () => 409),
    ]);
    const done = answers.find(({ status }) => status === 201);
    expect(done?.body).toMatchObject({
      refund_id: '1',
      payment_id: '1',
      amount: '299.99',
      status: 'refunded',
    });
    for (const { body } of answers.filter(({ status }) => status === 409)) {
      expect(body).toMatchObject({ type: 'urn:shop:problem:already-refunded', refund_id: '1' });
    }
    expect(await shop.balance()).toBe('500.00');
  });

  it('never makes the order payable again', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    const { body: payment } = await shop.pay(order);
    await shop.refund(payment['id']);
    expect(await shop.statusOf(order)).toBe('refunded');
    const again = await shop.pay(order);
    expect(again.status).toBe(409);
    expect(again.body['type']).toBe('urn:shop:problem:not-payable');
    expect(await shop.balance()).toBe('500.00');
  });

  it('repeats its answer for the same idempotency key', async () => {
    const shop = await startBrokenShop();
    const { body: payment } = await shop.pay(await shop.order());
    const first = await shop.refund(payment['id'], 'give-back');
    const second = await shop.refund(payment['id'], 'give-back');
    expect(second.text).toBe(first.text);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await shop.balance()).toBe('500.00');
  });

  it('is refused for a payment that took no money', async () => {
    const shop = await startBrokenShop();
    const declined = await shop.pay(await shop.order('999.99'));
    const refused = await shop.refund(declined.body['payment_id']);
    expect(refused.status).toBe(409);
    expect(refused.body['type']).toBe('urn:shop:problem:not-refundable');
    expect((await shop.refund('nothing')).status).toBe(404);
    expect(await shop.balance()).toBe('500.00');
  });

  it('gives the money back once although every first answer of users is lost', async () => {
    const shop = await startBrokenShop();
    const { body: payment } = await shop.pay(await shop.order());
    let asked = 0;
    shop.toUsers.decide = () => {
      asked += 1;
      return asked === 1 ? 'lose' : 'pass';
    };
    expect((await shop.refund(payment['id'])).status).toBe(201);
    expect(await shop.balance()).toBe('500.00');
  });

  it('that was interrupted goes on after a restart', async () => {
    const shop = await startBrokenShop();
    const order = await shop.order();
    const { body: payment } = await shop.pay(order);
    shop.toUsers.decide = () => 'drop';
    expect((await shop.refund(payment['id'])).status).toBe(503);
    await shop.restartPayments(() => {
      shop.toUsers.decide = () => 'pass';
    });
    await expect.poll(() => shop.statusOf(order)).toBe('refunded');
    expect(await shop.balance()).toBe('500.00');
    expect((await shop.refund(payment['id'])).body['type']).toBe('urn:shop:problem:already-refunded');
  });
});
