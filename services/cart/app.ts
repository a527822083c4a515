import { type App, createApp, createUpstream, openStore, type ServiceParts } from '../kit/index.ts';
import { createAccounts } from './accounts.ts';
import { createCarts } from './carts.ts';
import { createCatalogue } from './catalogue.ts';
import { cartRoutes } from './routes.ts';
import { cartMigrations, createCartStore } from './store.ts';

/** The cart service without a port. It asks products, and users where there is one, at `parts.upstreams`. */
export async function createCartApp(parts: ServiceParts): Promise<App> {
  const store = await openStore({ ...parts, migrations: cartMigrations });
  const upstream = (name: string, baseUrl: string) => createUpstream({ ...parts, name, baseUrl });
  const products = upstream('products', `${parts.upstreams['products']}`);
  const usersUrl = parts.upstreams['users'];
  const users = usersUrl === undefined ? undefined : upstream('users', usersUrl);
  const carts = createCarts({
    ...parts,
    store,
    rows: createCartStore(),
    catalogue: createCatalogue(products),
    accounts: createAccounts(users),
  });
  return createApp({
    name: 'cart',
    contract: parts.contract,
    routes: cartRoutes(carts),
    store,
    dependencies: {
      products: products.isAvailable,
      ...(users === undefined ? {} : { users: users.isAvailable }),
    },
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
    close: async () => {
      await Promise.all([products.close(), users?.close()]);
    },
  });
}
