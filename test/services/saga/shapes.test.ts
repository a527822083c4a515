import { expect, it, vi } from 'vitest';
import type { ShopEvent } from '../../../services/kit/index.ts';
import { ask } from '../ask.ts';
import { patience } from '../kit/bus/broker.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import { anything, startStation } from '../kit/bus/station.ts';
import { startAsyncShop } from './async-shop.ts';

/** The queue and keys of a shop that has only orders, payments and who writes e-mails. */
const names = {
  keys: 'qualified',
  renamed: { 'payments.order.created': 'payment_service_queue' },
} as const;

describeWithBroker('an asynchronous checkout', () => {
  it('in a shop of orders and payments takes prices and e-mail address as they are given', async () => {
    const shop = await startAsyncShop({ knows: ['payments'], runs: ['payments'], names });
    const items = [
      { product_id: '1', quantity: 1, price: '1299.99' },
      { product_id: '1', quantity: 1, price: '1299.99' },
    ];
    const accepted = await shop.checkOut({ items, user_email: 'test@example.com', token: undefined });
    expect(accepted.status, accepted.text).toBe(202);
    expect(accepted.body).toMatchObject({
      total: '2599.98',
      status: 'created',
      user_email: 'test@example.com',
    });
    const order = await shop.becomes('1', 'confirmed');
    expect(order['processing_duration_ms']).toEqual(expect.any(Number));
    expect(await shop.payment('1')).toEqual([{ status: 'completed', amount: 259_998, mode: 'async' }]);
    expect(await shop.broker.depth(`${shop.broker.settings.prefix}payment_service_queue`)).toBe(0);
  });

  it('can be looked up in the databases by the columns that its document names', async () => {
    const shop = await startAsyncShop({ knows: ['payments'], runs: ['payments'] });
    const items = [{ product_id: '1', quantity: 1, price: '1299.99' }];
    await shop.checkOut({ items, user_email: 'test@example.com' });
    await shop.becomes('1', 'confirmed');
    const orders =
      'SELECT id, user_email, status, total_amount, processing_duration_ms FROM orders ORDER BY created_at DESC';
    expect(await shop.query('orders', orders)).toEqual([
      {
        id: '1',
        user_email: 'test@example.com',
        status: 'confirmed',
        total_amount: 129_999,
        processing_duration_ms: expect.any(Number),
      },
    ]);
    const payments =
      'SELECT id, order_id, amount, status, transaction_id FROM payments ORDER BY created_at DESC';
    expect(await shop.query('payments', payments)).toMatchObject([
      { order_id: '1', amount: 129_999, status: 'completed', transaction_id: expect.any(String) },
    ]);
  });

  it.each([
    [{ items: [{ product_id: '1', quantity: 1, price: '1.00' }] }, '#/user_email'],
    [{ user_email: 'a@example.com', items: [{ product_id: '1', quantity: 1 }] }, '#/items/0/price'],
    [
      {
        user_email: 'a@example.com',
        items: [
          { product_id: '1', quantity: 1, price: '1.00' },
          { product_id: '1', quantity: 1, price: '2.00' },
        ],
      },
      '#/items/1/price',
    ],
  ])('is refused without what nobody there can look up: %j', async (purchase, pointer) => {
    const shop = await startAsyncShop({ knows: ['payments'], runs: [] });
    const refused = await shop.checkOut(purchase);
    expect(refused.status).toBe(400);
    expect(refused.body['errors']).toEqual([{ pointer, message: expect.any(String) }]);
  });

  it.each([
    [{ user_email: 'mallory@example.com' }, 'other-email'],
    [{ items: [{ product_id: '1', quantity: 1, price: '0.01' }] }, 'other-price'],
  ])('of %j is refused where the shop knows better (%s)', async (purchase, kind) => {
    const shop = await startAsyncShop({ runs: [] });
    const refused = await shop.checkOut(purchase);
    expect(refused.status).toBe(409);
    expect(refused.body['type']).toBe(`urn:shop:problem:${kind}`);
    expect((await ask('GET', shop.url('/orders'))).body['total']).toBe(0);
  });

  it('is told of step by step, with an e-mail address and without a token after its beginning', async () => {
    const shop = await startAsyncShop();
    const told: ShopEvent<unknown>[] = [];
    await startStation({
      bus: shop.broker.settings,
      consumers: (bus) =>
        bus.consume({
          queue: 'analytics.all.events',
          prefetch: 1,
          read: anything,
          handle: async (event) => void told.push(event),
        }),
    });
    await vi.waitFor(
      () => shop.broker.depth(shop.broker.topology.queue('analytics.all.events').name),
      patience,
    );
    await shop.checkOut({ token: 'tok_ok' });
    await shop.becomes('1', 'confirmed');
    await shop.checkOut({ token: 'tok_declined' });
    await shop.becomes('2', 'failed');
    const types = (id: string) => told.filter(({ subject }) => subject === id).map(({ type }) => type);
    await vi.waitFor(() => {
      expect(types('1').sort()).toEqual([
        'order.confirmed',
        'order.created',
        'order.paid',
        'payment.processed',
      ]);
      expect(types('2').sort()).toEqual(['order.created', 'order.failed', 'payment.failed']);
    }, patience);
    expect(told.filter(({ data }) => !JSON.stringify(data).includes('alice@example.com'))).toEqual([]);
    const withToken = told.filter((event) => JSON.stringify(event).includes('tok_'));
    expect(withToken.map(({ type }) => type)).toEqual(['order.created', 'order.created']);
    expect(told.find(({ type }) => type === 'order.failed')?.data).toMatchObject({ reason: 'card-declined' });
    expect(shop.orders().logText() + shop.payments.logText()).not.toContain('tok_');
  });
});
