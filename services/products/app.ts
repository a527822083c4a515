import { type App, createApp, createUpstream, openStore, type ServiceParts } from '../kit/index.ts';
import { createLiveStock } from './live-stock.ts';
import { createOrderHistory } from './order-history.ts';
import { createProducts } from './products.ts';
import { createRecommendations } from './recommendations.ts';
import { productsRoutes } from './routes.ts';
import { createProductsStore, productsMigrations } from './store.ts';

/** What is worth less than a quick answer is asked for once, and not for long. */
const patience = { timeoutMs: 500, attempts: 1 };

/** The products service without a port. It asks inventory for stock and orders for history, and can do without both. */
export async function createProductsApp(parts: ServiceParts): Promise<App> {
  const store = await openStore({ ...parts, migrations: productsMigrations });
  const rows = createProductsStore(store);
  const known = (['inventory', 'orders'] as const).flatMap((name) => {
    const baseUrl = parts.upstreams[name];
    return baseUrl === undefined ? [] : [createUpstream({ ...parts, ...patience, name, baseUrl })];
  });
  const upstream = (name: string) => known.find((one) => one.name === name);
  const stock = createLiveStock(upstream('inventory'), parts.log);
  const history = createOrderHistory(upstream('orders'), parts.log);
  const products = createProducts({ ...parts, store, rows, stock });
  await products.seed(Number(parts.settings['FIRST_PRODUCT_ID'] ?? 1));
  return createApp({
    name: 'products',
    contract: parts.contract,
    routes: productsRoutes({ products, recommendations: createRecommendations({ rows, history }) }),
    store,
    dependencies: Object.fromEntries(known.map(({ name, isAvailable }) => [name, isAvailable])),
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
    close: async () => {
      await Promise.all(known.map((one) => one.close()));
    },
  });
}
