import { describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { startMarket } from './market.ts';

describe('cancelling', () => {
  it('a confirmed order returns stock and money once, however often it is asked for', async () => {
    const market = await startMarket();
    const initial = await market.stock();
    await market.buy();
    const answers = await Promise.all(Array.from({ length: 5 }, () => market.cancel('1')));
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toMatchObject({ id: '1', status: 'refunded' });
    }
    expect(await market.stock()).toEqual(initial);
    expect(await market.held()).toBe(0);
    const payments = await ask('GET', `${market.payments.url}/api/payments`);
    expect(payments.body).toMatchObject({ total: 1, payments: [{ status: 'refunded', amount: '20.00' }] });
    expect((await market.cancel('1')).body['status']).toBe('refunded');
    expect((await ask('DELETE', market.url('/orders/1'))).body['status']).toBe('refunded');
  });

  it('an order while it is being paid waits for the outcome, and then gives it back', async () => {
    const market = await startMarket();
    const initial = await market.stock();
    let cancelled = Promise.resolve({});
    market.toPayments().decide = (_method, path) => {
      if (path === '/payment/process') cancelled = market.cancel('1').then(({ body }) => body);
      return 'pass';
    };
    expect((await market.buy()).body).toMatchObject({ id: '1', status: 'confirmed' });
    expect(await cancelled).toMatchObject({ status: 'refunded' });
    expect(await market.stock()).toEqual(initial);
    expect(await market.held()).toBe(0);
  });

  it('an order that is only written down makes it cancelled', async () => {
    const market = await startMarket();
    const body = { user_id: 1, items: ['Phone'], total_amount: 1 };
    await ask('POST', market.url('/api/orders'), { body });
    expect((await market.cancel('1')).body['status']).toBe('cancelled');
    expect((await market.cancel('1')).body['status']).toBe('cancelled');
  });

  it('a shipped, failed or unknown order is refused', async () => {
    const market = await startMarket();
    await market.buy();
    const ship = { body: { status: 'shipped' } };
    expect((await ask('PUT', market.url('/orders/1/status'), ship)).status).toBe(200);
    const late = await market.cancel('1');
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ type: 'urn:shop:problem:illegal-transition', from: 'shipped' });
    await market.buy({ token: 'tok_declined' });
    expect((await market.cancel('2')).status).toBe(409);
    expect((await market.cancel('nothing')).status).toBe(404);
    expect(await market.held()).toBe(2_000);
  });

  it('that cannot reach payments is made up for later', async () => {
    const market = await startMarket();
    const initial = await market.stock();
    await market.buy();
    market.toPayments().decide = () => 'drop';
    expect((await market.cancel('1')).status).toBe(503);
    expect(await market.statusOf('1')).toBe('confirmed');
    const shipped = await ask('PUT', market.url('/orders/1/status'), { body: { status: 'shipped' } });
    expect(shipped.status).toBe(409);
    market.toPayments().decide = () => 'pass';
    await market.settled('1', 'refunded');
    expect(await market.stock()).toEqual(initial);
    expect(await market.held()).toBe(0);
  });
});

describe('setting a bought order to refunded', () => {
  it.each(['confirmed', 'shipped'])('really gives back what was paid and sold (%s)', async (from) => {
    const market = await startMarket();
    const initial = await market.stock();
    await market.buy();
    const set = (status: string) => ask('PUT', market.url('/orders/1/status'), { body: { status } });
    if (from === 'shipped') await set('shipped');
    const refunded = await set('refunded');
    expect(refunded.body, refunded.text).toMatchObject({ status: 'refunded' });
    expect(await market.stock()).toEqual(initial);
    expect(await market.held()).toBe(0);
  });
});
