import { expect, it, vi } from 'vitest';
import { examples } from '../../../services/kit/events/examples.ts';
import { ask } from '../ask.ts';
import { envelopeText, patience } from '../kit/bus/broker.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import { startAsyncShop } from './async-shop.ts';

const pay = (url: string, amount: string, token = 'tok_ok') =>
  ask('POST', `${url}/payment/process`, {
    body: { order_id: '1', user_id: '1', amount, payment_method: { type: 'card', token } },
  });

describeWithBroker('an asynchronous checkout', () => {
  it('that is asked for many times with one key is one order, and every answer the same', async () => {
    const shop = await startAsyncShop();
    const initial = await shop.stock();
    const answers = await Promise.all(Array.from({ length: 6 }, () => shop.checkOut({ key: 'one' })));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await shop.becomes('1', 'confirmed');
    const again = await shop.checkOut({ key: 'one' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.text).toBe(answers[0]?.text);
    const other = await shop.checkOut({ key: 'one', token: 'tok_lost' });
    expect(other.status).toBe(422);
    expect((await ask('GET', shop.url('/orders'))).body['total']).toBe(1);
    await shop.expectConserved(initial);
  });

  it('that was refused leaves its key free', async () => {
    const shop = await startAsyncShop();
    const refused = { key: 'one', items: [{ product_id: '1', quantity: 5_000 }] };
    expect((await shop.checkOut(refused)).status).toBe(409);
    await shop.becomes('1', 'failed');
    expect((await shop.checkOut({ key: 'one' })).status).toBe(202);
    await shop.becomes('2', 'confirmed');
  });

  it('whose events are delivered again and again is charged and confirmed once', async () => {
    const shop = await startAsyncShop({ runs: [] });
    const initial = await shop.stock();
    await shop.checkOut();
    const queue = shop.broker.topology.queue('payments.order.created').name;
    const created = (await shop.broker.take(queue)).content.toString();
    for (const copy of [created, created, created]) await shop.broker.send(queue, copy);
    // As another process that took the order up would tell it: the same news, under another id.
    await shop.broker.send(queue, JSON.stringify({ ...JSON.parse(created), id: 'told-again' }));
    await shop.payments.stop();
    await shop.startDesk(shop.broker.settings);
    await shop.becomes('1', 'confirmed');
    await vi.waitFor(async () => {
      expect(await shop.inboxOf('payments', 'payments.order.created')).toBe(2);
      expect(await shop.broker.depth(queue)).toBe(0);
    }, patience);
    expect(await shop.payment('1')).toEqual([{ status: 'completed', amount: 2_000, mode: 'async' }]);
    await shop.expectConserved(initial);
  });

  it('that is paid by a request before its event arrives has that payment, and is confirmed', async () => {
    const shop = await startAsyncShop({ runs: [] });
    const initial = await shop.stock();
    await shop.checkOut();
    expect((await pay(shop.payments.url, '20.00')).status).toBe(201);
    await shop.payments.stop();
    await shop.startDesk(shop.broker.settings);
    await shop.becomes('1', 'confirmed');
    expect(await shop.payment('1')).toEqual([{ status: 'completed', amount: 2_000, mode: 'sync' }]);
    await shop.expectConserved(initial);
  });

  it('that somebody pays another amount for is undone, and that money goes back', async () => {
    const shop = await startAsyncShop({ runs: [] });
    const initial = await shop.stock();
    await shop.checkOut();
    expect((await pay(shop.payments.url, '0.01')).status).toBe(201);
    await shop.payments.stop();
    await shop.startDesk(shop.broker.settings);
    await shop.becomes('1', 'failed');
    expect(await shop.payment('1')).toEqual([{ status: 'refunded', amount: 1, mode: 'sync' }]);
    await shop.expectConserved(initial);
  });

  it('is paid once however many requests pay it at the same time', async () => {
    const shop = await startAsyncShop();
    const initial = await shop.stock();
    await shop.checkOut();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => pay(shop.payments.url, '20.00', 'tok_declined')),
    );
    expect(answers.filter(({ status }) => ![402, 409, 201].includes(status))).toEqual([]);
    await shop.becomes('1', 'confirmed');
    const kept = (await shop.payment('1')).filter(({ status }) => status === 'completed');
    expect(kept).toHaveLength(1);
    await shop.expectConserved(initial);
  });

  it('is not undone by a failed attempt of somebody else to pay it', async () => {
    const shop = await startAsyncShop({ runs: ['inventory'] });
    await shop.checkOut();
    const about = { order_id: '1', amount: '20.00' };
    const data = { ...examples['payment.failed'], ...about, mode: 'sync' };
    const { name } = shop.broker.topology.queue('orders.payment.processed');
    await shop.broker.send(name, envelopeText('payment.failed', 'foreign', data));
    await vi.waitFor(
      async () => expect(await shop.inboxOf('orders', 'orders.payment.processed')).toBe(1),
      patience,
    );
    expect(await shop.order('1')).toMatchObject({ status: 'reserved' });
    const paid = { ...examples['payment.processed'], ...about };
    await shop.broker.send(name, envelopeText('payment.processed', 'paid', paid));
    await shop.becomes('1', 'confirmed');
  });
});
