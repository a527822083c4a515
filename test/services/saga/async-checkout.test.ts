import { expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import { startAsyncShop } from './async-shop.ts';

describeWithBroker('an asynchronous checkout', () => {
  it('is accepted at once, paid by an event, and confirmed', async () => {
    const shop = await startAsyncShop();
    const initial = await shop.stock();
    const accepted = await shop.checkOut();
    expect(accepted.status, accepted.text).toBe(202);
    expect(accepted.headers.get('location')).toBe('/orders/1');
    expect(accepted.body).toMatchObject({ id: '1', user_email: 'alice@example.com', total: '20.00' });
    const order = await shop.becomes('1', 'confirmed');
    expect(order).toMatchObject({ processing_duration_ms: expect.any(Number) });
    expect(await shop.payment('1')).toEqual([{ status: 'completed', amount: 2_000, mode: 'async' }]);
    await shop.expectConserved(initial);
  });

  it('of more than there is answers 409 at once, and charges nothing', async () => {
    const shop = await startAsyncShop();
    const initial = await shop.stock();
    const refused = await shop.checkOut({ items: [{ product_id: '1', quantity: 5_000 }] });
    expect(refused.status, refused.text).toBe(409);
    expect(refused.body).toMatchObject({ type: 'urn:shop:problem:insufficient-stock', order_id: '1' });
    await shop.becomes('1', 'failed');
    expect(await shop.payment('1')).toEqual([]);
    await shop.expectConserved(initial);
  });

  it.each(['tok_declined', 'tok_insufficient', 'tok_expired', 'tok_nobody', 'tok_timeout'])(
    'whose card is refused (%s) fails, and keeps neither stock nor money',
    async (token) => {
      const shop = await startAsyncShop();
      const initial = await shop.stock();
      expect((await shop.checkOut({ token })).status).toBe(202);
      await shop.becomes('1', 'failed');
      await shop.expectConserved(initial);
    },
  );

  it('whose charge is answered late is charged once, and confirmed', async () => {
    const shop = await startAsyncShop();
    const initial = await shop.stock();
    await shop.checkOut({ token: 'tok_lost' });
    await shop.becomes('1', 'confirmed');
    await shop.expectConserved(initial);
  });

  it('is refused where the shop has no broker', async () => {
    const shop = await startAsyncShop({ busOfOrders: () => undefined });
    const refused = await shop.checkOut();
    expect(refused.status).toBe(503);
    expect(refused.body['type']).toBe('urn:shop:problem:no-broker');
    expect((await ask('GET', shop.url('/orders'))).body['total']).toBe(0);
  });
});
