import { expect, it, onTestFinished } from 'vitest';
import { createInventoryApp } from '../../../services/inventory/app.ts';
import { createOrdersApp } from '../../../services/orders/app.ts';
import { createPaymentsApp } from '../../../services/payments/app.ts';
import { createUsersApp } from '../../../services/users/app.ts';
import { type Answered, ask } from '../ask.ts';
import { ownDatabase } from '../databases.ts';
import { talkTo } from '../inventory/start-inventory.ts';
import { type RunningService, type StartOptions, startService } from '../start-service.ts';
import { testUsers } from '../start-shop.ts';
import { describeWithPostgres } from './with-postgres.ts';

type Create = Parameters<typeof startService>[1];

/** Two of a service on one database, as no SQLite file could serve them; ended with the test. */
async function startTwo(name: string, create: Create, options: StartOptions = {}) {
  const database = ownDatabase();
  const start = async () => {
    const service = await startService(name, create, { ...options, database });
    onTestFinished(service.stop);
    return service;
  };
  return [await start(), await start()] as const;
}

/** `count` requests at once, every other one to the other of the two. */
function atOnce(
  two: readonly [RunningService, RunningService],
  count: number,
  request: (service: RunningService, index: number) => Promise<Answered>,
): Promise<Answered[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => request(two[index % 2 === 0 ? 0 : 1], index)),
  );
}

const countOf = (answers: readonly Answered[], wanted: number) =>
  answers.filter(({ status }) => status === wanted).length;

/** 503 is an answer that may be asked again; everybody here does, until it is another one. */
async function insist(request: () => Promise<Answered>): Promise<Answered> {
  for (;;) {
    const answered = await request();
    if (answered.body['type'] !== 'urn:shop:problem:database-busy') return answered;
    expect(answered.headers.get('retry-after')).toBe('1');
  }
}

describeWithPostgres('two processes of a service on one PostgreSQL database', () => {
  it('a balance pays for as many debits as it has money for', async () => {
    const two = await startTwo('users', createUsersApp, { settings: testUsers });
    const body = { operation: 'debit', amount: '100.00' };
    const answers = await atOnce(two, 40, ({ url }) =>
      insist(() => ask('POST', `${url}/api/users/1/balance`, { body })),
    );
    expect([countOf(answers, 200), countOf(answers, 409)]).toEqual([5, 35]);
    for (const { url } of two)
      expect((await ask('GET', `${url}/api/users/1/balance`)).body['balance']).toBe('0.00');
  });

  it('one idempotency key is one debit, and everybody has the same answer', async () => {
    const two = await startTwo('users', createUsersApp, { settings: testUsers });
    const body = { operation: 'debit', amount: '100.00' };
    const headers = { 'idempotency-key': 'one' };
    const answers = await atOnce(two, 20, ({ url }) =>
      insist(() => ask('POST', `${url}/api/users/1/balance`, { body, headers })),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.body).toEqual({ user_id: '1', balance: '400.00' });
  });

  it('a username is given to one of many', async () => {
    const two = await startTwo('users', createUsersApp, { settings: testUsers });
    const body = { username: 'dana', email: 'dana@example.com' };
    const answers = await atOnce(two, 20, ({ url }) =>
      insist(() => ask('POST', `${url}/api/users`, { body })),
    );
    expect([countOf(answers, 201), countOf(answers, 409)]).toEqual([1, 19]);
  });

  it('no more pieces are reserved than there are', async () => {
    const two = await startTwo('inventory', createInventoryApp);
    await talkTo(two[0]).setStock('p', 10);
    const answers = await atOnce(two, 40, (service, index) =>
      insist(() => talkTo(service).reserve(`order-${index}`, [{ product_id: 'p', quantity: 1 }])),
    );
    expect([countOf(answers, 201), countOf(answers, 409)]).toEqual([10, 30]);
    expect(await talkTo(two[1]).stock('p')).toMatchObject({ available: 0, reserved: 10, sold: 0 });
  });

  it('an order is paid once, whoever is asked', async () => {
    const [users] = await startTwo('users', createUsersApp, { settings: testUsers });
    const orders = await startTwo('orders', createOrdersApp, { upstreams: { users: users.url } });
    const upstreams = { users: users.url, orders: orders[0].url };
    const two = await startTwo('payments', createPaymentsApp, { upstreams });
    const order = { user_id: '1', items: ['Phone'], total_amount: '299.99' };
    const { body: placed } = await ask('POST', `${orders[1].url}/api/orders`, { body: order });
    const body = { order_id: placed['id'], user_id: '1' };
    const answers = await atOnce(two, 12, ({ url }) =>
      insist(() => ask('POST', `${url}/api/payments`, { body })),
    );
    expect(countOf(answers, 201)).toBe(1);
    expect((await ask('GET', `${users.url}/api/users/1/balance`)).body['balance']).toBe('200.01');
    expect((await ask('GET', `${two[1].url}/api/payments`)).body['total']).toBe(1);
  });
});
