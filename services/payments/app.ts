import {
  type App,
  type Background,
  createApp,
  createKeyedLock,
  createUpstream,
  openStore,
  type ServiceParts,
  startBackground,
} from '../kit/index.ts';
import { createBalances } from './balances.ts';
import { cardPurse, simulatedGateway } from './cards/index.ts';
import { createClosing } from './closing.ts';
import { createOrderBook } from './order-book.ts';
import { createPayments } from './payments.ts';
import { balancePurse } from './purse.ts';
import { createRefunds } from './refunds.ts';
import { paymentsRoutes } from './routes.ts';
import { createSettlement } from './settlement.ts';
import { createPaymentsStore, paymentsMigrations } from './store.ts';
import { takeUpUnfinished } from './unfinished.ts';

/** The payments service without a port. It asks users and orders at `parts.upstreams`. */
export async function createPaymentsApp(parts: ServiceParts): Promise<App> {
  const store = await openStore({ ...parts, migrations: paymentsMigrations });
  const users = createUpstream({ ...parts, name: 'users', baseUrl: `${parts.upstreams['users']}` });
  const orders = createUpstream({ ...parts, name: 'orders', baseUrl: `${parts.upstreams['orders']}` });
  const rows = createPaymentsStore(store);
  const orderBook = createOrderBook(orders);
  const gateway = simulatedGateway({ ...parts, store });
  // The rules wake the background, whose passes are made of the same rules.
  let background: Background | undefined;
  const leftUnfinished = () => background?.wake();
  const shared = {
    ...parts,
    leftUnfinished,
    store,
    rows,
    orderBook,
    purses: { balance: balancePurse(createBalances(users)), card: cardPurse(gateway) },
    lock: createKeyedLock(),
  };
  const settlement = createSettlement(shared);
  const refunds = createRefunds({ ...shared, settlement });
  const payments = createPayments({ ...shared, settlement, refunds });
  const closing = createClosing({ ...shared, payments, refunds });
  background = startBackground({
    ...parts,
    pass: (signal) => takeUpUnfinished({ ...shared, settlement, refunds, payments }, signal),
  });
  return createApp({
    name: 'payments',
    contract: parts.contract,
    routes: paymentsRoutes({ payments, refunds, closing, gateway, rows }),
    store,
    dependencies: { users: users.isAvailable, orders: orders.isAvailable },
    log: parts.log,
    guard: parts.guard,
    simulation: parts,
    close: async () => {
      await background?.stop();
      await Promise.all([users.close(), orders.close()]);
    },
  });
}
