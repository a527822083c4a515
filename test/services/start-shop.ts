import { createAuthApp } from '../../services/auth/app.ts';
import { createCartApp } from '../../services/cart/app.ts';
import { createInventoryApp } from '../../services/inventory/app.ts';
import { createOrdersApp } from '../../services/orders/app.ts';
import { createPaymentsApp } from '../../services/payments/app.ts';
import { createUsersApp } from '../../services/users/app.ts';
import { type RunningService, type StartOptions, startService } from './start-service.ts';

/** What the services of a shop under test know: the secret of `e2e.config.yaml`, which examples are written with. */
export const testSecret = 'secret-of-a-shop-on-one-machine';

/** The three users of the balances topology, with hashes that take no time. */
export const testUsers = { SEED_USERS: 'balances', PASSWORD_COST: '10' };

export const startAuth = (options: StartOptions = {}) =>
  startService('auth', createAuthApp, { settings: { SERVICE_SECRET: testSecret }, ...options });
export const startUsers = (options?: StartOptions) =>
  startService('users', createUsersApp, { settings: testUsers, ...options });
export const startCart = (options: StartOptions) => startService('cart', createCartApp, options);
export const startInventory = (options?: StartOptions) =>
  startService('inventory', createInventoryApp, options);
export const startOrders = (options: StartOptions) => startService('orders', createOrdersApp, options);
export const startPayments = (options: StartOptions) => startService('payments', createPaymentsApp, options);

export interface Shop {
  auth: RunningService;
  users: RunningService;
  orders: RunningService;
  payments: RunningService;
  stop(): Promise<void>;
}

/** users, orders and payments, knowing each other. */
export async function startShop(): Promise<Shop> {
  const auth = await startAuth();
  const users = await startUsers();
  const orders = await startOrders({ upstreams: { users: users.url } });
  const upstreams = { users: users.url, orders: orders.url };
  const payments = await startPayments({ upstreams });
  return {
    auth,
    users,
    orders,
    payments,
    stop: async () => {
      for (const service of [payments, orders, users, auth]) await service.stop();
    },
  };
}
