import {
  type App,
  absentUpstream,
  type Background,
  createApp,
  createBus,
  createKeyedLock,
  createUpstream,
  openStore,
  type ServiceParts,
  startBackground,
} from '../kit/index.ts';
import { createBalances } from './balances.ts';
import { cardPurse, simulatedGateway } from './cards/index.ts';
import { createClosing } from './closing.ts';
import { createPaymentNews } from './news.ts';
import { createOrderBook } from './order-book.ts';
import { orderCharges } from './order-charges.ts';
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
  const bus = createBus({ ...parts, service: 'payments', store });
  const upstream = (name: string) => {
    const baseUrl = parts.upstreams[name];
    return baseUrl === undefined ? absentUpstream(name) : createUpstream({ ...parts, name, baseUrl });
  };
  const users = upstream('users');
  const orders = upstream('orders');
  const known = [users, orders].filter(({ name }) => name in parts.upstreams);
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
    news: createPaymentNews(bus),
    orderBook,
    purses: { balance: balancePurse(createBalances(users)), card: cardPurse(gateway) },
    lock: createKeyedLock(),
  };
  const settlement = createSettlement(shared);
  const refunds = createRefunds({ ...shared, settlement });
  const payments = createPayments({ ...shared, settlement, refunds });
  const closing = createClosing({ ...shared, payments, refunds });
  bus.consume(orderCharges({ ...shared, settlement, payments }));
  background = startBackground({
    ...parts,
    pass: (signal) => takeUpUnfinished({ ...shared, settlement, refunds, payments }, signal),
  });
  return createApp({
    name: 'payments',
    contract: parts.contract,
    routes: paymentsRoutes({ payments, refunds, closing, gateway, rows }),
    store,
    bus,
    dependencies: Object.fromEntries(known.map(({ name, isAvailable }) => [name, isAvailable])),
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
    close: async () => {
      await background?.stop();
      await Promise.all(known.map(({ close }) => close()));
    },
  });
}
