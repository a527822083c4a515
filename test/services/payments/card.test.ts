import { describe, expect, it } from 'vitest';
import { type Answered, ask, askUntil } from '../ask.ts';
import { judgeOf } from '../judge.ts';
import { startBrokenShop } from './broken-shop.ts';

const judge = judgeOf('payments');

async function startCards() {
  const shop = await startBrokenShop();
  const send = async (path: string, body: unknown, key?: string): Promise<Answered> => {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const answered = await ask('POST', `${shop.paymentsUrl()}${path}`, { body, headers });
    judge(`POST ${path}`, answered);
    return answered;
  };
  return {
    ...shop,
    process: (token: string, { order_id = 'o1', user_id = '1', amount = '20.00', key = '' } = {}) =>
      send(
        '/payment/process',
        { order_id, user_id, amount, payment_method: { type: 'card', token } },
        key || undefined,
      ),
    validate: (token: string) => send('/payment/validate', { payment_method: { type: 'card', token } }),
    giveBack: (what: object, key?: string) => send('/payment/refund', what, key),
    payments: async () => (await ask('GET', `${shop.paymentsUrl()}/api/payments`)).body,
    payment: (id: string, status: string) =>
      askUntil(`${shop.paymentsUrl()}/api/payments/${id}`, ({ body }) => body['status'] === status),
  };
}

describe('charging a card', () => {
  it('answers the transaction, and asks and tells no order', async () => {
    const cards = await startCards();
    const paid = await cards.process('tok_ok');
    expect(paid.status).toBe(201);
    expect(paid.headers.get('location')).toBe('/api/payments/1');
    expect(paid.body).toMatchObject({
      id: '1',
      order_id: 'o1',
      user_id: '1',
      amount: '20.00',
      status: 'completed',
      method: 'card',
      transaction_id: 'txn_1',
    });
    expect(cards.toOrders.passed).toEqual([]);
    expect(cards.toUsers.passed).toEqual([]);
    expect((await cards.payments())['payments']).toEqual([paid.body]);
  });

  it.each([
    ['tok_declined', 'card-declined'],
    ['tok_insufficient', 'insufficient-funds'],
    ['tok_expired', 'card-expired'],
    ['tok_nobody', 'unknown-card'],
  ])('with %s is refused with 402, and another card may pay the order', async (token, kind) => {
    const cards = await startCards();
    const refused = await cards.process(token, { key: 'pay' });
    expect(refused.status).toBe(402);
    expect(refused.body).toMatchObject({ type: `urn:shop:problem:${kind}`, payment_id: '1' });
    expect((await cards.process('tok_ok', { key: 'pay' })).body).toMatchObject({
      id: '2',
      status: 'completed',
    });
  });

  it('happens once for an order, and once for a key', async () => {
    const cards = await startCards();
    const same = await Promise.all(
      Array.from({ length: 10 }, () => cards.process('tok_ok', { key: 'once' })),
    );
    expect(new Set(same.map(({ text }) => text)).size).toBe(1);
    const again = await cards.process('tok_ok');
    expect(again.body).toMatchObject({ type: 'urn:shop:problem:already-paid', payment_id: '1' });
    expect((await cards.process('tok_ok', { user_id: '2' })).status).toBe(403);
    expect((await cards.process('tok_ok', { key: 'once', amount: '1.00' })).status).toBe(422);
    expect((await cards.payments())['total']).toBe(1);
  });

  it.each(['0.00', '1.005', '-1', 'NaN'])('of %s is refused', async (amount) => {
    const cards = await startCards();
    expect((await cards.process('tok_ok', { amount })).status).toBe(400);
    expect((await cards.payments())['total']).toBe(0);
  });

  it('refuses anything but a token, and writes neither token nor number down', async () => {
    const cards = await startCards();
    expect((await cards.process('4111111111111111')).status).toBe(400);
    await cards.process('tok_ok');
    // Four such digits stand in an id by chance, one time in a hundred runs or more: in the midst of a word six count.
    expect(JSON.stringify(cards.logged())).not.toMatch(/(?<![0-9a-f.-])4111|411111|tok_ok/);
  });
});

describe('a card gateway that does not answer', () => {
  it('gets 504; when the card was not charged, the payment is declined in the background', async () => {
    const cards = await startCards();
    expect((await cards.process('tok_timeout', { key: 'slow' })).status).toBe(504);
    expect((await cards.payment('1', 'declined')).body['status']).toBe('declined');
    expect((await cards.process('tok_ok')).body).toMatchObject({ id: '2', status: 'completed' });
  });

  it('gets 504; when the card was charged, the payment is completed, and the key then has the answer', async () => {
    const cards = await startCards();
    expect((await cards.process('tok_lost', { key: 'slow' })).status).toBe(504);
    expect((await cards.payment('1', 'completed')).body['transaction_id']).toBe('txn_1');
    const told = await cards.process('tok_lost', { key: 'slow' });
    expect(told.body).toMatchObject({ id: '1', status: 'completed' });
  });
});

it('tells which cards could be charged, and moves nothing', async () => {
  const cards = await startCards();
  expect((await cards.validate('tok_ok')).body).toEqual({ valid: true });
  expect((await cards.validate('tok_expired')).body).toEqual({ valid: false, reason: 'card-expired' });
  expect((await cards.validate('tok_nobody')).body).toEqual({ valid: false, reason: 'unknown-card' });
  expect((await cards.payments())['total']).toBe(0);
});

describe('refunding a card payment', () => {
  it('happens once, by payment, with the same answer for the same key', async () => {
    const cards = await startCards();
    await cards.process('tok_ok');
    const refund = await cards.giveBack({ payment_id: '1' }, 'back');
    expect(refund.body).toMatchObject({ refund_id: '1', amount: '20.00', status: 'refunded' });
    expect((await cards.giveBack({ payment_id: '1' }, 'back')).text).toBe(refund.text);
    expect((await cards.giveBack({ payment_id: '1' })).body['type']).toBe(
      'urn:shop:problem:already-refunded',
    );
    expect((await cards.giveBack({ payment_id: 'none' })).status).toBe(404);
    expect(cards.toUsers.passed).toEqual([]);
  });

  it('by order answers the same however often and simultaneously it is asked for', async () => {
    const cards = await startCards();
    await cards.process('tok_ok');
    const answers = await Promise.all(Array.from({ length: 5 }, () => cards.giveBack({ order_id: 'o1' })));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect((await cards.process('tok_ok')).status).toBe(409);
  });

  it('by order closes an order that was not paid, so that a late charge takes nothing', async () => {
    const cards = await startCards();
    const closed = await cards.giveBack({ order_id: 'o1' });
    expect([closed.status, closed.body]).toEqual([200, { order_id: 'o1', status: 'closed' }]);
    const late = await cards.process('tok_ok');
    expect(late.body['type']).toBe('urn:shop:problem:not-payable');
    expect((await cards.payments())['total']).toBe(0);
  });

  it.each(['tok_timeout', 'tok_lost'])('by order ends the doubt about %s', async (token) => {
    const cards = await startCards();
    expect((await cards.process(token)).status).toBe(504);
    await cards.giveBack({ order_id: 'o1' });
    const end = token === 'tok_lost' ? 'refunded' : 'declined';
    expect((await cards.payment('1', end)).body['status']).toBe(end);
  });

  it('by order works for a payment from the balance as well, and the order follows', async () => {
    const cards = await startCards();
    const order = await cards.order();
    await cards.pay(order);
    expect((await cards.giveBack({ order_id: order })).status).toBe(201);
    expect(await cards.balance()).toBe('500.00');
    expect(await cards.statusOf(order)).toBe('refunded');
  });
});
