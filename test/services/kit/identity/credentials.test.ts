import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../../services/kit/clock.ts';
import { createIdentity } from '../../../../services/kit/identity/index.ts';
import { createUpstream } from '../../../../services/kit/upstream/index.ts';
import { type Issuer, startIssuer } from '../../issue-token.ts';
import { startGuarded } from './guarded-service.ts';

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(async () => {
  await issuer.stop();
});

/** A guarded service, and an upstream that asks it in the name of "orders" with a clock that goes as told. */
async function start(secret = issuer.auth.secret) {
  const service = await startGuarded({ auth: issuer.auth });
  let aheadMs = 0;
  const clock = { now: () => Date.now() + aheadMs, sleep: async () => undefined };
  const random = () => 0.5;
  const auth = { url: issuer.auth.url, secret };
  const { guard, credentials } = createIdentity({ service: 'orders', auth, clock, random });
  const upstream = createUpstream({ name: 'guarded', baseUrl: service.url, clock, random, credentials });
  onTestFinished(async () => {
    await upstream.close();
    await guard.close();
  });
  const fetched = issuer.calls.get('/internal/create-token') ?? 0;
  return {
    ask: (path: string) => upstream.call({ method: 'GET', path }),
    isAvailable: () => upstream.isAvailable(),
    pass: (ms: number) => {
      aheadMs += ms;
    },
    /** How many tokens were fetched since the start. */
    fetched: () => (issuer.calls.get('/internal/create-token') ?? 0) - fetched,
  };
}

describe('a service that asks another', () => {
  it('says who it is, with one token for many questions at once', async () => {
    const orders = await start();
    const answers = await Promise.all(Array.from({ length: 10 }, () => orders.ask('/service')));
    expect(answers.map(({ body }) => body)).toEqual(
      Array.from({ length: 10 }, () => ({ kind: 'service', id: 'orders', roles: ['service'] })),
    );
    expect(orders.fetched()).toBe(1);
  });

  it('fetches no token before it asks something', async () => {
    const orders = await start();
    expect(await orders.isAvailable()).toBe(true);
    expect(orders.fetched()).toBe(0);
  });

  it('fetches another token half a minute before the first one expires', async () => {
    const orders = await start();
    await orders.ask('/service');
    orders.pass(268_000);
    await orders.ask('/service');
    expect(orders.fetched()).toBe(1);
    orders.pass(3_000);
    expect((await orders.ask('/service')).status).toBe(200);
    expect(orders.fetched()).toBe(2);
  });

  it('fetches another token when the one it has is refused, once', async () => {
    const own = await startIssuer();
    onTestFinished(own.stop);
    const service = await startGuarded({ auth: own.auth });
    const authorizations: string[] = [];
    const credentials = {
      authorization: async () => {
        const value =
          authorizations.length === 0 ? 'Bearer old' : (await own.asService('orders')).authorization;
        authorizations.push(value);
        return value;
      },
      renew: (refused: string) => refused === 'Bearer old',
    };
    const upstream = createUpstream({
      name: 'guarded',
      baseUrl: service.url,
      clock: systemClock,
      random: () => 0.5,
      credentials,
    });
    onTestFinished(upstream.close);
    expect((await upstream.call({ method: 'POST', path: '/write', body: { a: 1 } })).status).toBe(200);
    expect(authorizations).toHaveLength(2);
  });

  it('says 503 when auth does not know its secret', async () => {
    const orders = await start('another secret, just as long');
    await expect(orders.ask('/service')).rejects.toMatchObject({
      facts: { status: 503, kind: 'auth-unavailable' },
    });
  });
});
