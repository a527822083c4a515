import { rm } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { type Answered, ask } from '../ask.ts';
import { startFlakyProxy } from '../flaky-proxy.ts';
import { temporaryFolder } from '../start-service.ts';
import { startOrders, startPayments, startUsers } from '../start-shop.ts';

/** The three services, with proxies through which payments reaches the others, ended with the test. */
export async function startBrokenShop() {
  const folder = await temporaryFolder();
  const users = await startUsers();
  const orders = await startOrders({ upstreams: { users: users.url } });
  const toUsers = await startFlakyProxy(users.url);
  const toOrders = await startFlakyProxy(orders.url);
  const start = () => startPayments({ folder, upstreams: { users: toUsers.url, orders: toOrders.url } });
  let payments = await start();
  onTestFinished(async () => {
    await payments.stop();
    for (const one of [toOrders, toUsers, orders, users]) await one.stop();
    await rm(folder, { recursive: true });
  });
  const paymentsUrl = () => payments.url;
  return {
    users,
    orders,
    toUsers,
    toOrders,
    paymentsUrl,
    logged: () => payments.logged,
    /** Ends the payments service and starts it again on the same data. */
    restartPayments: async (between: () => void | Promise<void> = () => undefined) => {
      await payments.stop();
      await between();
      payments = await start();
    },
    /** An order of alice. */
    order: async (total_amount = '299.99'): Promise<string> => {
      const body = { user_id: '1', items: ['Phone'], total_amount };
      const { body: order } = await ask('POST', `${orders.url}/api/orders`, { body });
      return String(order['id']);
    },
    pay: (order_id: string, key?: string, user_id = '1'): Promise<Answered> =>
      ask('POST', `${paymentsUrl()}/api/payments`, { body: { order_id, user_id }, headers: keyHeader(key) }),
    refund: (payment_id: unknown, key?: string): Promise<Answered> =>
      ask('POST', `${paymentsUrl()}/api/refund`, { body: { payment_id }, headers: keyHeader(key) }),
    balance: async (id = '1'): Promise<unknown> =>
      (await ask('GET', `${users.url}/api/users/${id}/balance`)).body['balance'],
    statusOf: async (order: string): Promise<unknown> =>
      (await ask('GET', `${orders.url}/api/orders/${order}`)).body['status'],
    setStatus: (order: string, status: string): Promise<Answered> =>
      ask('PUT', `${orders.url}/api/orders/${order}/status`, { body: { status } }),
  };
}

function keyHeader(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { 'idempotency-key': key };
}
