import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import knexModule, { type Knex } from 'knex';
import { expect, onTestFinished, vi } from 'vitest';
import type { BusSettings } from '../../../services/kit/bus/settings.ts';
import { type Clock, systemClock } from '../../../services/kit/clock.ts';
import type { Tracer } from '../../../services/kit/index.ts';
import { createOrdersApp } from '../../../services/orders/app.ts';
import { type Answered, ask } from '../ask.ts';
import { startFakeProducts } from '../fake-products.ts';
import { type FlakyProxy, startFlakyProxy } from '../flaky-proxy.ts';
import { judgeOf } from '../judge.ts';
import { type Broker, openBroker, patience } from '../kit/bus/broker.ts';
import { type RunningService, type StartOptions, startService, temporaryFolder } from '../start-service.ts';
import { startInventory, startPayments, startUsers, testUsers } from '../start-shop.ts';

const judge = judgeOf('orders');

/** How long orders waits for stock before it answers: nobody's takes so long, however busy the machine. */
const patienceMs = 30_000;

/** Comes back to what has failed at once, and has patience all the same. */
function attentiveClock(aheadMs: () => number): Clock {
  return {
    ...systemClock,
    now: () => systemClock.now() + aheadMs(),
    sleep: (ms, signal) => systemClock.sleep(ms === patienceMs ? ms : Math.min(ms, 5), signal),
  };
}

interface Purchase {
  items?: { product_id: string; quantity: number; price?: string }[];
  token?: string | undefined;
  key?: string;
  user_email?: string;
}

interface ShopOptions {
  /** How things are called on the broker, if not as they are. */
  names?: Partial<Pick<BusSettings, 'keys' | 'renamed'>>;
  /** Where the broker is, if not where that of all tests is. */
  url?: string;
  /** How long something may take to come about, if it is more than usual. */
  waiting?: typeof patience;
  /** What time it is for everybody, and how it passes, if not in a hurry. */
  clock?: Clock;
  /** The others that orders knows; all of them unless told otherwise. */
  knows?: readonly ('users' | 'products' | 'inventory' | 'payments')[];
  /** Which consumers run from the start. */
  runs?: readonly ('payments' | 'inventory')[];
  settings?: Record<string, string>;
  /** Who takes note of what a service does. */
  tracerOf?: (service: string) => Tracer | undefined;
  /** Where orders finds the broker, if not where it is. */
  busOfOrders?: (settings: BusSettings) => BusSettings | undefined;
}

/** A shop whose orders are paid by events on the real broker, with a database file each; ended with the test. */
export async function startAsyncShop(options: ShopOptions = {}) {
  const {
    knows = ['users', 'products', 'inventory', 'payments'],
    runs = ['payments', 'inventory'],
    waiting = patience,
  } = options;
  const clock = options.clock === undefined ? {} : { clock: options.clock };
  const tracedAs = (name: string) => ({ tracer: options.tracerOf?.(name) });
  const broker: Broker = await openBroker({
    consumers: ['orders', 'payments'],
    ...options.names,
    ...(options.url === undefined ? {} : { url: options.url }),
  });
  const folder = await temporaryFolder();
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  onTestFinished(async () => {
    for (const stop of stops.reverse()) await stop();
  });
  const users = await startUsers({ settings: testUsers, ...clock, ...tracedAs('users') });
  stops.push(users.stop);
  const products = await startFakeProducts();
  stops.push(products.stop);
  const bus = broker.settings;
  const startStock = () =>
    keep(
      startInventory({
        folder,
        bus: runs.includes('inventory') ? bus : undefined,
        ...clock,
        ...tracedAs('inventory'),
      }),
    );
  const startDesk = (settings: BusSettings | undefined) =>
    keep(
      startPayments({
        folder,
        bus: settings,
        upstreams: { users: users.url },
        ...clock,
        ...tracedAs('payments'),
      }),
    );
  async function keep(starting: Promise<RunningService>): Promise<RunningService> {
    const service = await starting;
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= service.stop();
      return stopped;
    };
    stops.push(stop);
    return {
      ...service,
      stop,
      get logged() {
        return service.logged;
      },
    };
  }
  const inventory = await startStock();
  const payments = await startDesk(runs.includes('payments') ? bus : undefined);
  await Promise.all(runs.map((name) => isConnected({ inventory, payments }[name])));
  const proxy = async (target: string): Promise<FlakyProxy> => {
    const made = await startFlakyProxy(target);
    stops.push(made.stop);
    return made;
  };
  const toInventory = await proxy(inventory.url);
  const toPayments = await proxy(payments.url);
  const all = {
    users: users.url,
    products: products.url,
    inventory: toInventory.url,
    payments: toPayments.url,
  };
  const upstreams = Object.fromEntries(knows.map((name) => [name, all[name]]));
  const startOrders = (more: StartOptions = {}) =>
    keep(
      startService('orders', createOrdersApp, {
        folder,
        ...tracedAs('orders'),
        upstreams,
        bus: options.busOfOrders === undefined ? bus : options.busOfOrders(bus),
        settings: { CHECKOUT_PATIENCE: `${patienceMs}ms`, ...options.settings },
        clock: attentiveClock(() => aheadMs),
        ...clock,
        ...more,
      }),
    );
  let aheadMs = 0;
  let orders = await startOrders();
  if (options.busOfOrders === undefined) await isConnected(orders);
  const books = (name: string) => {
    const database = openBook(join(folder, `${name}.db`));
    stops.push(() => database.destroy());
    return database;
  };
  const [orderBook, paymentBook, stockBook] = [books('orders'), books('payments'), books('inventory')];

  const shop = {
    broker,
    folder,
    /** What the services have written, to be read. */
    books: { orders: orderBook, payments: paymentBook, inventory: stockBook },
    payments,
    inventory,
    toInventory,
    toPayments,
    orders: () => orders,
    /** From now on orders thinks that it is so much later. */
    later: (ms: number) => {
      aheadMs += ms;
    },
    /** Stops orders, and starts it again on its data. */
    restartOrders: async (more: StartOptions = {}) => {
      await orders.stop();
      orders = await startOrders(more);
    },
    /** Another payments on the same data, which orders asks from now on; the first one is to be stopped before. */
    startDesk: async (settings: BusSettings) => {
      const desk = await startDesk(settings);
      toPayments.leadTo(desk.url);
      return desk;
    },
    url: (path: string) => `${orders.url}${path}`,
    checkOut: async ({ token, key, user_email, ...rest }: Purchase = {}): Promise<Answered> => {
      const items = rest.items ?? [{ product_id: '1', quantity: 2 }];
      const answered = await ask('POST', shop.url('/checkout'), {
        body: {
          user_id: '1',
          user_email,
          items,
          ...(token === undefined ? {} : { payment_method: { type: 'card', token } }),
        },
        headers: key === undefined ? {} : { 'idempotency-key': key },
      });
      judge('POST /checkout', answered);
      return answered;
    },
    order: async (id: unknown) => (await ask('GET', shop.url(`/orders/${id}`))).body,
    becomes: async (id: unknown, status: string) => {
      await vi.waitFor(async () => expect(await shop.order(id)).toMatchObject({ status }), waiting);
      return await shop.order(id);
    },
    stock: async (id = '1') =>
      await stockBook('stock').where({ product_id: id }).first('available', 'reserved', 'sold'),
    reservations: async (): Promise<{ order_id: string; status: string }[]> =>
      await stockBook('reservations').select('order_id', 'status'),
    payment: async (orderId: unknown) =>
      await paymentBook('payments').where({ order_id: orderId }).select('status', 'amount', 'mode'),
    /** How often the queue's consumer had an effect, as its inbox says. */
    inboxOf: async (name: 'orders' | 'payments' | 'inventory', queue: string): Promise<number> => {
      const book = { orders: orderBook, payments: paymentBook, inventory: stockBook }[name];
      const [row] = await book('inbox').where({ consumer: queue }).count({ total: '*' });
      return Number(row?.['total']);
    },
    /** The rows that an SQL query finds in the database of orders or payments. */
    query: async (name: 'orders' | 'payments', sql: string): Promise<unknown> =>
      await { orders: orderBook, payments: paymentBook }[name].raw(sql),
    outbox: async () => await orderBook('outbox').orderBy('seq').pluck('type'),
    /** Every confirmed order has its money and its stock, and no other order has any; nothing is under way. */
    expectConserved: async (initial: { available: number }, id = '1') => {
      await vi.waitFor(async () => {
        const rows = await orderBook('orders').select('id', 'status', 'total', 'items');
        const confirmed = rows.filter(({ status }) => status === 'confirmed');
        expect(
          rows.filter(({ status }) => !['confirmed', 'failed', 'cancelled', 'refunded'].includes(status)),
        ).toEqual([]);
        expect(await orderBook('checkouts').whereNot({ step: 'done' })).toEqual([]);
        const held = await paymentBook('card_charges')
          .join('payments', 'payments.id', 'card_charges.id')
          .where({ state: 'captured' })
          .orderBy('order_id')
          .select('order_id', { total: 'card_charges.amount' });
        expect(held).toEqual(
          confirmed
            .map(({ id: order_id, total }) => ({ order_id, total }))
            .sort((a, b) => (a.order_id < b.order_id ? -1 : 1)),
        );
        const sold = confirmed
          .flatMap(({ items }): { product_id: string; quantity: number }[] => JSON.parse(items))
          .filter(({ product_id }) => product_id === id)
          .reduce((sum, { quantity }) => sum + quantity, 0);
        expect(await shop.stock(id)).toEqual({ available: initial.available - sold, reserved: 0, sold });
      }, waiting);
    },
  };
  return shop;
}

function openBook(filename: string): Knex {
  return knexModule.knex({
    client: 'sqlite3',
    connection: { filename },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate: (
        connection: { exec: (sql: string, done: (error: Error | null) => void) => void },
        done: (error: Error | null) => void,
      ) => connection.exec('pragma query_only = on; pragma busy_timeout = 5000;', done),
    },
  });
}

/** What is told before a consumer has declared its queue has nowhere to go. */
async function isConnected({ url }: RunningService): Promise<void> {
  await vi.waitFor(
    async () => expect((await ask('GET', `${url}/metrics`)).text).toMatch(/^broker_connected 1$/m),
    patience,
  );
}
