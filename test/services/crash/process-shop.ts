import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ServiceProcess, serviceProcess } from '../service-process.ts';
import { temporaryFolder } from '../start-service.ts';
import { testSecret } from '../start-shop.ts';

/**
 * The services that a checkout takes, each as a process of its own, with tokens; ended with the test. `more` holds for all of
 * them, and before what they have anyway; without an `AMQP_URL` in it there is no
 * broker. `add` makes one more of them, which is not started yet.
 */
export async function startProcessShop(more: Record<string, string> = {}) {
  const folder = await temporaryFolder();
  const all: ServiceProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(all.map((one) => one.stop()));
    await rm(folder, { recursive: true });
  });
  const add = async (name: string, settings: () => Record<string, string> = () => ({})) => {
    const common = { DATA_DIR: folder, SIMULATE: 'off', SERVICE_SECRET: testSecret };
    const service = await serviceProcess(name, () => ({ ...common, ...settings(), ...more }));
    all.push(service);
    return service;
  };
  const auth = await add('auth');
  const AUTH_URL = auth.url;
  const users = await add('users', () => ({ AUTH_URL, PASSWORD_COST: '10' }));
  // A reservation that a crash has orphaned ends by itself, and within the test.
  const inventory = await add('inventory', () => ({ AUTH_URL, RESERVATION_TTL: '20s' }));
  const products = await add('products', () => ({ AUTH_URL, INVENTORY_URL: inventory.url }));
  const cart = await add('cart', () => ({ AUTH_URL, PRODUCTS_URL: products.url, USERS_URL: users.url }));
  const payments = await add('payments', () => ({
    AUTH_URL,
    USERS_URL: users.url,
    ORDERS_URL: orders.url,
  }));
  const orders: ServiceProcess = await add('orders', () => ({
    AUTH_URL,
    USERS_URL: users.url,
    PRODUCTS_URL: products.url,
    CART_URL: cart.url,
    INVENTORY_URL: inventory.url,
    PAYMENTS_URL: payments.url,
  }));
  await Promise.all(all.map((one) => one.start()));
  const file = (name: string) => join(folder, `${name}.db`);
  return { auth, users, inventory, products, cart, payments, orders, folder, file, add };
}
