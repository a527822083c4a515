import {
  type App,
  absentUpstream,
  type Background,
  createApp,
  createBus,
  createKeyedLock,
  createUpstream,
  openStore,
  parseDurationMs,
  type ServiceParts,
  startBackground,
} from '../kit/index.ts';
import {
  checkoutMigrations,
  createAsyncCheckout,
  createBaskets,
  createCancelling,
  createCardDesk,
  createCheckout,
  createCheckoutStore,
  createRuns,
  createSaga,
  createStockRoom,
  paymentAnswers,
  takeUpUnfinished,
  watchOverdue,
} from './checkout/index.ts';
import { createOrderNews } from './news.ts';
import { createOrders } from './orders.ts';
import { ordersRoutes } from './routes.ts';
import { createOrdersStore, ordersMigrations } from './store.ts';
import { createUserDirectory } from './user-directory.ts';

/** For one of three attempts: more than payments waits for its card gateway, less than whoever buys waits for us. */
const timeoutMs = 3_000;

const defaultCheckoutTimeoutMs = 60_000;
const defaultPatienceMs = 1_000;

/**
 * The orders service without a port. It asks users, and for checkouts cart, products, inventory and payments, at
 * `parts.upstreams`.
 */
export async function createOrdersApp(parts: ServiceParts): Promise<App> {
  const store = await openStore({
    ...parts,
    migrations: [...ordersMigrations, ...checkoutMigrations],
  });
  const bus = createBus({ ...parts, service: 'orders', store });
  const { users, cart, products, inventory, payments, known } = connect(parts);
  const directory = createUserDirectory(users);
  const rows = createOrdersStore(store);
  const checkouts = createCheckoutStore(store);
  // The rules wake the background, whose passes are made of the same rules.
  let background: Background | undefined;
  let overdue: Background | undefined;
  const sagaParts = {
    ...parts,
    store,
    orders: rows,
    checkouts,
    stockRoom: createStockRoom(inventory),
    cardDesk: createCardDesk(payments),
    baskets: createBaskets({ cart, products }),
    news: createOrderNews(bus),
  };
  const shared = {
    ...sagaParts,
    saga: createSaga(sagaParts),
    directory,
    lock: createKeyedLock(),
    leftUnfinished: () => {
      background?.wake();
      overdue?.wake();
    },
  };
  const runs = createRuns(shared);
  bus.consume(paymentAnswers({ ...shared, goOn: runs.goOn }));
  background = startBackground({ ...parts, pass: (signal) => takeUpUnfinished(shared, signal) });
  overdue = watchOverdue({ ...shared, goOn: runs.goOn });
  const { settings } = parts;
  const asyncCheckout = createAsyncCheckout({
    ...shared,
    has: (name) => (name === 'broker' ? parts.bus !== undefined : name in parts.upstreams),
    timeoutMs: parseDurationMs(`${settings['CHECKOUT_TIMEOUT']}`) ?? defaultCheckoutTimeoutMs,
    patienceMs: parseDurationMs(`${settings['CHECKOUT_PATIENCE']}`) ?? defaultPatienceMs,
  });
  return createApp({
    name: 'orders',
    contract: parts.contract,
    routes: ordersRoutes({
      orders: createOrders({ ...parts, ...sagaParts, rows, directory }),
      checkout: createCheckout(shared),
      asyncCheckout,
      cancelling: createCancelling(shared),
    }),
    store,
    bus,
    dependencies: Object.fromEntries(known.map(({ name, isAvailable }) => [name, isAvailable])),
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
    close: async () => {
      await Promise.all([background?.stop(), overdue?.stop(), runs.stop()]);
      await Promise.all(known.map(({ close }) => close()));
    },
  });
}

/** The other services; those without an address are absent, and not `known`. */
function connect(parts: ServiceParts) {
  const upstream = (name: string) => {
    const baseUrl = parts.upstreams[name];
    return baseUrl === undefined
      ? absentUpstream(name)
      : createUpstream({ ...parts, name, baseUrl, timeoutMs });
  };
  const others = { cart: upstream('cart'), products: upstream('products'), inventory: upstream('inventory') };
  const payments = upstream('payments');
  const users = upstream('users');
  const known = [users, ...Object.values(others), payments].filter(({ name }) => name in parts.upstreams);
  return { users, ...others, payments, known };
}
