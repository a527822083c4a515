import { describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import type { Mischief } from '../flaky-proxy.ts';
import { startMarket } from './market.ts';

type Market = Awaited<ReturnType<typeof startMarket>>;

/** Breaks one call, every time it is made until the returned function is called. */
function breakCall(market: Market, call: string, mischief: Mischief): () => void {
  const proxy = call.startsWith('/payment') ? market.toPayments() : market.toInventory();
  proxy.decide = (_method, path) => (path === call ? mischief : 'pass');
  return () => {
    proxy.decide = () => 'pass';
  };
}

describe('a checkout that is refused', () => {
  it.each([
    {
      name: 'too little stock',
      purchase: { items: [{ product_id: '1', quantity: 5_000 }] },
      status: 409,
      kind: 'insufficient-stock',
    },
    { name: 'a declined card', purchase: { token: 'tok_declined' }, status: 402, kind: 'card-declined' },
    {
      name: 'an empty card',
      purchase: { token: 'tok_insufficient' },
      status: 402,
      kind: 'insufficient-funds',
    },
    { name: 'an expired card', purchase: { token: 'tok_expired' }, status: 402, kind: 'card-expired' },
    { name: 'an unknown card', purchase: { token: 'tok_nobody' }, status: 402, kind: 'unknown-card' },
    { name: 'a silent gateway', purchase: { token: 'tok_timeout' }, status: 504, kind: 'upstream-timeout' },
  ])('by $name fails its order at once and keeps nothing', async ({ purchase, status, kind }) => {
    const market = await startMarket();
    const initial = await market.stock();
    const refused = await market.buy(purchase);
    expect(refused.status, refused.text).toBe(status);
    expect(refused.body).toMatchObject({ type: `urn:shop:problem:${kind}`, order_id: '1' });
    expect(await market.statusOf('1')).toBe('failed');
    await market.expectConserved(initial);
  });

  it('because its reservation has ended gives the money back', async () => {
    const market = await startMarket();
    const initial = await market.stock();
    let released = Promise.resolve();
    market.toPayments().decide = (_method, path) => {
      const body = { order_id: '1' };
      if (path === '/payment/process') {
        released = ask('POST', `${market.inventory.url}/inventory/release`, { body }).then(() => undefined);
      }
      return 'pass';
    };
    market.toInventory().decide = () => 'pass';
    const refused = await market.buy();
    await released;
    expect(refused.status, refused.text).toBe(409);
    expect(refused.body).toMatchObject({ type: 'urn:shop:problem:reservation-ended', order_id: '1' });
    expect(await market.statusOf('1')).toBe('failed');
    await market.expectConserved(initial);
  });
});

describe('a card whose charge is answered late', () => {
  it('is charged once, and the order confirmed', async () => {
    const market = await startMarket();
    const initial = await market.stock();
    const bought = await market.buy({ token: 'tok_lost' });
    expect(bought.status, bought.text).toBe(201);
    expect(await market.held()).toBe(2_000);
    await market.expectConserved(initial);
  });
});

describe('a checkout whose call is broken', () => {
  it.each([
    ['/inventory/reserve', 'drop', 'failed'],
    ['/inventory/reserve', 'lose', 'failed'],
    ['/payment/process', 'drop', 'failed'],
    ['/payment/process', 'lose', 'failed'],
    ['/inventory/confirm', 'drop', 'confirmed'],
    ['/inventory/confirm', 'lose', 'confirmed'],
  ] as const)('%s (%s) answers 503, and its order ends %s', async (call, mischief, end) => {
    const market = await startMarket();
    const initial = await market.stock();
    const repair = breakCall(market, call, mischief);
    const broken = await market.buy({ key: 'once' });
    expect(broken.status).toBe(503);
    expect(broken.headers.get('retry-after')).toBe('1');
    expect(broken.body['order_id']).toBe('1');
    repair();
    await market.settled('1', end);
    await market.expectConserved(initial);
    if (end === 'confirmed') {
      const told = await market.buy({ key: 'once' });
      expect(told.body).toMatchObject({ id: '1', status: 'confirmed' });
      expect(told.headers.get('idempotent-replayed')).toBe('true');
    }
    await market.expectConserved(initial);
  });

  it.each([
    ['/inventory/release', 'drop'],
    ['/inventory/release', 'lose'],
    ['/payment/refund', 'drop'],
    ['/payment/refund', 'lose'],
  ] as const)('%s (%s) while it is undone is failed as soon as that is over', async (call, mischief) => {
    const market = await startMarket();
    const initial = await market.stock();
    const repair = breakCall(market, call, mischief);
    const refused = await market.buy({ token: 'tok_declined' });
    expect(refused.status).toBe(402);
    expect(await market.statusOf('1')).toBe('reserved');
    const moved = await ask('PUT', market.url('/orders/1/status'), { body: { status: 'paid' } });
    expect(moved.body['type']).toBe('urn:shop:problem:checkout-in-progress');
    repair();
    await market.settled('1', 'failed');
    await market.expectConserved(initial);
  });
});

describe('a crash', () => {
  it.each([
    ['/inventory/reserve', 'hold'],
    ['/inventory/reserve', 'hang'],
    ['/payment/process', 'hold'],
    ['/payment/process', 'hang'],
    ['/inventory/confirm', 'hold'],
    ['/inventory/confirm', 'hang'],
  ] as const)('during %s (%s) ends with a confirmed order after the restart', async (call, mischief) => {
    const market = await startMarket();
    const initial = await market.stock();
    breakCall(market, call, mischief);
    const proxy = call.startsWith('/payment') ? market.toPayments() : market.toInventory();
    const cutOff = market.buy({ key: 'survives' }).catch(() => undefined);
    await expect.poll(() => proxy.waiting).toEqual([`POST ${call}`]);
    await market.crash();
    await market.settled('1', 'confirmed');
    const told = await market.buy({ key: 'survives' });
    expect(told.body).toMatchObject({ id: '1', status: 'confirmed' });
    expect(told.headers.get('idempotent-replayed')).toBe('true');
    await market.expectConserved(initial);
    await cutOff;
  });

  it.each([
    ['/payment/refund', 'hold'],
    ['/payment/refund', 'hang'],
    ['/inventory/release', 'hold'],
    ['/inventory/release', 'hang'],
  ] as const)('during %s (%s) of a cancellation gives back once', async (call, mischief) => {
    const market = await startMarket();
    const initial = await market.stock();
    await market.buy();
    breakCall(market, call, mischief);
    const proxy = call.startsWith('/payment') ? market.toPayments() : market.toInventory();
    const cutOff = market.cancel('1').catch(() => undefined);
    await expect.poll(() => proxy.waiting).toEqual([`POST ${call}`]);
    await market.crash();
    await market.settled('1', 'refunded');
    await market.expectConserved(initial);
    expect(await market.stock()).toEqual(initial);
    await cutOff;
  });
});
