import { rm } from 'node:fs/promises';
import { expect, onTestFinished } from 'vitest';
import { openStore } from '../../../services/kit/index.ts';
import { paymentsMigrations } from '../../../services/payments/store.ts';
import { type Answered, ask } from '../ask.ts';
import { copyData, isOnServer, placeIn } from '../databases.ts';
import { startFakeProducts } from '../fake-products.ts';
import { type FlakyProxy, startFlakyProxy } from '../flaky-proxy.ts';
import { judgeOf } from '../judge.ts';
import { temporaryFolder } from '../start-service.ts';
import { startCart, startInventory, startOrders, startPayments, startUsers } from '../start-shop.ts';

const judge = judgeOf('orders');

interface Purchase {
  items?: { product_id: string; quantity: number }[] | undefined;
  token?: string;
  key?: string;
  user_id?: string;
  shipping_address?: unknown;
}

/** Everything that a checkout takes, with proxies through which orders reaches the others; ended with the test. */
export async function startMarket() {
  const folder = await temporaryFolder();
  const users = await startUsers();
  const products = await startFakeProducts();
  const inventory = await startInventory();
  const cart = await startCart({ upstreams: { products: products.url, users: users.url } });
  const payments = await startPayments({
    folder,
    upstreams: { users: users.url, orders: 'http://127.0.0.1:9' },
  });
  const others = { users, products, cart, inventory, payments };
  const running: { stop: () => Promise<void>; proxies: FlakyProxy[]; folder: string }[] = [];
  const startOrdersOn = async (ordersFolder: string) => {
    const toInventory = await startFlakyProxy(inventory.url);
    const toPayments = await startFlakyProxy(payments.url);
    const toCart = await startFlakyProxy(cart.url);
    const upstreams = {
      users: users.url,
      products: products.url,
      cart: toCart.url,
      inventory: toInventory.url,
      payments: toPayments.url,
    };
    const orders = await startOrders({ folder: ordersFolder, upstreams });
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= orders.stop();
      return stopped;
    };
    running.push({ stop, proxies: [toInventory, toPayments, toCart], folder: ordersFolder });
    return { orders, toInventory, toPayments, toCart };
  };
  let now = await startOrdersOn(await temporaryFolder());
  onTestFinished(async () => {
    for (const { proxies } of running) for (const proxy of proxies) await proxy.stop();
    for (const { stop } of running) await stop();
    for (const one of Object.values(others)) await one.stop();
    for (const each of [folder, ...running.map((one) => one.folder)]) await rm(each, { recursive: true });
  });
  const books = await openStore({ ...placeIn(folder, 'payments'), migrations: paymentsMigrations });
  onTestFinished(books.close);

  const market = {
    ...others,
    toInventory: () => now.toInventory,
    toPayments: () => now.toPayments,
    toCart: () => now.toCart,
    logText: () => now.orders.logText(),
    url: (path: string) => `${now.orders.url}${path}`,
    buy: async ({ token = 'tok_ok', key, user_id = '1', ...rest }: Purchase = {}): Promise<Answered> => {
      const items = 'items' in rest ? rest.items : [{ product_id: '1', quantity: 2 }];
      const { shipping_address } = rest;
      const answered = await ask('POST', market.url('/orders'), {
        body: { user_id, items, shipping_address, payment_method: { type: 'card', token } },
        headers: key === undefined ? {} : { 'idempotency-key': key },
      });
      judge('POST /orders', answered);
      return answered;
    },
    cancel: async (id: unknown): Promise<Answered> => {
      const answered = await ask('POST', market.url(`/orders/${id}/cancel`));
      judge('POST /orders/{id}/cancel', answered);
      return answered;
    },
    order: async (id: unknown) => {
      const answered = await ask('GET', market.url(`/orders/${id}`));
      judge('GET /orders/{id}', answered);
      return answered.body;
    },
    statusOf: async (id: unknown) => (await market.order(id))['status'],
    settled: async (id: unknown, status: string) => {
      await expect.poll(() => market.statusOf(id)).toBe(status);
    },
    /** As if the process had died at this moment: the next one starts from what was written until now. */
    crash: async () => {
      const dead = running.at(-1);
      const copy = await temporaryFolder();
      await copyData(dead?.folder ?? '', copy, 'orders');
      for (const proxy of dead?.proxies ?? []) await proxy.stop();
      // It has lost its database, and would ask for it without end.
      if (isOnServer) await dead?.stop();
      now = await startOrdersOn(copy);
    },
    stock: async (id = '1') => (await ask('GET', `${inventory.url}/inventory/${id}`)).body,
    orders: async (): Promise<Record<string, unknown>[]> => {
      const { body } = await ask('GET', market.url('/orders'));
      return JSON.parse(JSON.stringify(body['orders']));
    },
    /** What cards were charged and not given back, in minor units. */
    held: async () => {
      const [row] = await books.read('card_charges').where({ state: 'captured' }).sum({ sum: 'amount' });
      return Number(row?.['sum'] ?? 0);
    },
    /** Every confirmed order has its money and its stock, and no other order has any. */
    expectConserved: async (initial: Record<string, unknown>) => {
      const confirmed = (await market.orders()).filter(({ status }) => status === 'confirmed');
      const money = confirmed.reduce((sum, { total }) => sum + Math.round(Number(total) * 100), 0);
      const pieces = confirmed
        .flatMap(({ items }) => (Array.isArray(items) ? items : []))
        .reduce((sum: number, item) => sum + Number(item.quantity), 0);
      expect(await market.held()).toBe(money);
      expect(await market.stock()).toEqual({
        ...initial,
        available: Number(initial['available']) - pieces,
        sold: pieces,
        reserved: 0,
      });
    },
  };
  return market;
}
