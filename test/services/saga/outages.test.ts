import { expect, it, onTestFinished, vi } from 'vitest';
import { examples } from '../../../services/kit/events/examples.ts';
import { ask } from '../ask.ts';
import { envelopeText, patience } from '../kit/bus/broker.ts';
import { brokerUrl, describeWithBroker } from '../kit/bus/broker-url.ts';
import { startTcpProxy } from '../kit/bus/tcp-proxy.ts';
import { startAsyncShop } from './async-shop.ts';

const nowhere = 'amqp://guest:guest@127.0.0.1:9';

describeWithBroker('an asynchronous checkout', () => {
  it('that nobody pays in time is undone, and a payment that is told later changes nothing', async () => {
    const shop = await startAsyncShop({ runs: ['inventory'] });
    const initial = await shop.stock();
    expect((await shop.checkOut()).body).toMatchObject({ id: '1', status: 'reserved' });
    expect(await shop.stock()).toMatchObject({ reserved: 2 });
    shop.later(61_000);
    await shop.becomes('1', 'failed');
    await shop.expectConserved(initial);
    const data = { ...examples['payment.processed'], order_id: '1', amount: '20.00' };
    const { name } = shop.broker.topology.queue('orders.payment.processed');
    await shop.broker.send(name, envelopeText('payment.processed', 'late', data));
    await vi.waitFor(
      async () => expect(await shop.inboxOf('orders', 'orders.payment.processed')).toBe(1),
      patience,
    );
    expect(await shop.order('1')).toMatchObject({ status: 'failed' });
    await shop.expectConserved(initial);
  });

  it('that was undone before payments heard of it is never charged', async () => {
    const shop = await startAsyncShop({ runs: [] });
    const initial = await shop.stock();
    await shop.checkOut();
    const cancelled = await ask('POST', shop.url('/orders/1/cancel'));
    expect(cancelled.body, cancelled.text).toMatchObject({ status: 'cancelled' });
    await shop.expectConserved(initial);
    await shop.payments.stop();
    await shop.startDesk(shop.broker.settings);
    await vi.waitFor(
      async () => expect(await shop.inboxOf('payments', 'payments.order.created')).toBe(1),
      patience,
    );
    expect(await shop.payment('1')).toEqual([]);
    expect(await shop.order('1')).toMatchObject({ status: 'cancelled' });
  });

  it.each(['drop', 'hold'] as const)(
    'is accepted while inventory is silent (%s), and goes on when it answers',
    async (mischief) => {
      const shop = await startAsyncShop({ settings: { CHECKOUT_PATIENCE: '1ms' } });
      const initial = await shop.stock();
      shop.toInventory.decide = () => mischief;
      const accepted = await shop.checkOut({ key: 'one' });
      expect(accepted.status, accepted.text).toBe(202);
      expect(accepted.body).toMatchObject({ id: '1', status: 'created' });
      expect((await shop.checkOut({ key: 'one' })).body).toEqual(accepted.body);
      shop.toInventory.decide = () => 'pass';
      await shop.becomes('1', 'confirmed');
      await shop.expectConserved(initial);
    },
  );

  it('that inventory is silent about for too long is given up', async () => {
    const shop = await startAsyncShop();
    const initial = await shop.stock();
    shop.toInventory.decide = (_method, path) => (path === '/inventory/reserve' ? 'drop' : 'pass');
    expect((await shop.checkOut()).status).toBe(202);
    shop.later(61_000);
    await shop.becomes('1', 'failed');
    expect(await shop.payment('1')).toEqual([]);
    await shop.expectConserved(initial);
  });

  it('is accepted while the broker is away, and goes on when it is back', async () => {
    const proxy = await startTcpProxy(brokerUrl);
    onTestFinished(proxy.stop);
    const shop = await startAsyncShop({ busOfOrders: (bus) => ({ ...bus, url: proxy.url }) });
    const initial = await shop.stock();
    proxy.cut('refuse');
    expect((await shop.checkOut()).status).toBe(202);
    expect(await shop.outbox()).toEqual(['order.created']);
    expect(await shop.order('1')).toMatchObject({ status: 'reserved' });
    proxy.letThrough();
    await shop.becomes('1', 'confirmed');
    await shop.expectConserved(initial);
  });

  it('whose process ends between the commit and the publishing is told of by the next one', async () => {
    const shop = await startAsyncShop({ busOfOrders: (bus) => ({ ...bus, url: nowhere }) });
    const initial = await shop.stock();
    await shop.checkOut();
    await shop.restartOrders({ bus: shop.broker.settings });
    await shop.becomes('1', 'confirmed');
    await shop.expectConserved(initial);
  });

  it('whose process ends between its payment and its confirmation is confirmed by the next one', async () => {
    const shop = await startAsyncShop();
    const initial = await shop.stock();
    shop.toInventory.decide = (_method, path) => (path === '/inventory/confirm' ? 'drop' : 'pass');
    await shop.checkOut();
    await shop.becomes('1', 'paid');
    await shop.restartOrders();
    shop.toInventory.decide = () => 'pass';
    await shop.becomes('1', 'confirmed');
    await shop.expectConserved(initial);
  });

  it('that cannot call its payment off does so when payments is back', async () => {
    const shop = await startAsyncShop({ runs: ['inventory'] });
    const initial = await shop.stock();
    await shop.checkOut();
    shop.toPayments.decide = () => 'drop';
    expect((await ask('DELETE', shop.url('/orders/1'))).status).toBe(503);
    shop.toPayments.decide = () => 'pass';
    await shop.becomes('1', 'cancelled');
    await shop.expectConserved(initial);
  });
});
