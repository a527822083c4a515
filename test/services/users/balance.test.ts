import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatMoney } from '../../../services/kit/money.ts';
import { ask } from '../ask.ts';
import type { RunningService } from '../start-service.ts';
import { startUsers } from '../start-shop.ts';

let users: RunningService;
let count = 0;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(async () => {
  await users.stop();
});

async function userWith(balance: string): Promise<string> {
  count += 1;
  const body = { username: `user-${count}`, email: 'someone@example.com', balance };
  const { body: user } = await ask('POST', `${users.url}/api/users`, { body });
  return `${users.url}/api/users/${user['id']}/balance`;
}

const debit = (url: string, amount: string | number, key?: string) =>
  ask('POST', url, {
    body: { operation: 'debit', amount },
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });

async function balanceAt(url: string): Promise<unknown> {
  return (await ask('GET', url)).body['balance'];
}

describe('a balance', () => {
  it('never goes below zero under 100 parallel debits', async () => {
    const url = await userWith('10.00');
    const answers = await Promise.all(Array.from({ length: 100 }, () => debit(url, '0.30')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(33);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(67);
    expect(await balanceAt(url)).toBe('0.10');
  });

  it('is unchanged by a debit that it does not cover', async () => {
    const url = await userWith('500.00');
    const refused = await debit(url, 999.99);
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ type: 'urn:shop:problem:insufficient-funds', balance: '500.00' });
    expect(await balanceAt(url)).toBe('500.00');
  });

  it('can be taken to exactly zero', async () => {
    const url = await userWith('12.34');
    expect((await debit(url, '12.34')).body['balance']).toBe('0.00');
    expect((await debit(url, '0.01')).status).toBe(409);
  });

  it('cannot grow beyond what can be held', async () => {
    const url = await userWith('999999999999.99');
    const refused = await ask('POST', url, { body: { operation: 'credit', amount: '0.01' } });
    expect(refused.status).toBe(409);
    expect(refused.body['type']).toBe('urn:shop:problem:balance-limit');
  });

  it('is what any course of debits and credits adds up to', async () => {
    const change = fc.record({
      operation: fc.constantFrom('debit' as const, 'credit' as const),
      cents: fc.integer({ min: 1, max: 5_000 }),
    });
    const course = fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
      const url = await userWith('50.00');
      let expected = 5_000;
      for (const { operation, cents } of changes) {
        const next = expected + (operation === 'credit' ? cents : -cents);
        const { status } = await ask('POST', url, { body: { operation, amount: formatMoney(cents) } });
        expect(status).toBe(next < 0 ? 409 : 200);
        expected = next < 0 ? expected : next;
      }
      expect(await balanceAt(url)).toBe(formatMoney(expected));
    });
    await fc.assert(course, { numRuns: 15 });
  });
});

describe('an idempotency key', () => {
  it('makes 20 parallel debits one, and all of them have the same answer', async () => {
    const url = await userWith('100.00');
    const answers = await Promise.all(Array.from({ length: 20 }, () => debit(url, '30.00', 'parallel')));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(19);
    expect(await balanceAt(url)).toBe('70.00');
  });

  it('is refused with 422 for another amount or another user', async () => {
    const [mine, other] = [await userWith('100.00'), await userWith('100.00')];
    await debit(mine, '30.00', 'mine');
    expect((await debit(mine, '31.00', 'mine')).status).toBe(422);
    expect((await debit(other, '30.00', 'mine')).body['type']).toBe(
      'urn:shop:problem:idempotency-key-reused',
    );
    expect(await balanceAt(other)).toBe('100.00');
  });

  it('is not used up by a failed attempt', async () => {
    const url = await userWith('10.00');
    expect((await debit(url, '30.00', 'patient')).status).toBe(409);
    await ask('POST', url, { body: { operation: 'credit', amount: '20.00' } });
    const second = await debit(url, '30.00', 'patient');
    expect(second.status).toBe(200);
    expect(second.headers.has('idempotent-replayed')).toBe(false);
  });
});
