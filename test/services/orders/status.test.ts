import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import type { RunningService } from '../start-service.ts';
import { startOrders, startUsers } from '../start-shop.ts';

let users: RunningService;
let orders: RunningService;
beforeAll(async () => {
  users = await startUsers();
  orders = await startOrders({ upstreams: { users: users.url } });
});
afterAll(async () => {
  await orders.stop();
  await users.stop();
});

/** How to reach each state from `created`. */
const ways: Record<string, string[]> = {
  created: [],
  reserved: ['reserved'],
  paid: ['paid'],
  confirmed: ['paid', 'confirmed'],
  shipped: ['paid', 'confirmed', 'shipped'],
  delivered: ['paid', 'confirmed', 'shipped', 'delivered'],
  cancelled: ['cancelled'],
  failed: ['failed'],
  refunded: ['paid', 'refunded'],
};
const states = Object.keys(ways);

const legal = new Set([
  'created reserved',
  'created paid',
  'created cancelled',
  'created failed',
  'reserved paid',
  'reserved cancelled',
  'reserved failed',
  'paid confirmed',
  'paid refunded',
  'confirmed shipped',
  'confirmed refunded',
  'shipped delivered',
  'shipped refunded',
  'delivered refunded',
]);

async function orderIn(state: string): Promise<string> {
  const body = { user_id: 1, items: ['Phone'], total_amount: '1.00' };
  const { body: order } = await ask('POST', `${orders.url}/api/orders`, { body });
  const url = `${orders.url}/api/orders/${order['id']}`;
  for (const status of ways[state] ?? []) {
    expect((await ask('PUT', `${url}/status`, { body: { status } })).status).toBe(200);
  }
  return url;
}

describe.each(states)('an order that is %s', (from) => {
  it.each(states)('asked to become %s, goes there only if that is legal', async (to) => {
    const url = await orderIn(from);
    const answered = await ask('PUT', `${url}/status`, { body: { status: to } });
    const isFine = from === to || legal.has(`${from} ${to}`);
    expect(answered.status).toBe(isFine ? 200 : 409);
    if (!isFine) {
      expect(answered.body).toMatchObject({ type: 'urn:shop:problem:illegal-transition', from, to });
      expect(answered.body['detail']).toBe(`An order cannot go from "${from}" to "${to}".`);
    }
    expect((await ask('GET', url)).body['status']).toBe(isFine ? to : from);
  });
});

it('lets one of two rival moves win', async () => {
  const url = await orderIn('created');
  const rivals = ['paid', 'cancelled'].map((status) => ask('PUT', `${url}/status`, { body: { status } }));
  const answers = (await Promise.all(rivals)).map(({ status }) => status);
  expect(answers.sort()).toEqual([200, 409]);
});
