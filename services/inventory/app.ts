import {
  type App,
  type Background,
  createApp,
  createBus,
  openStore,
  parseDurationMs,
  type ServiceParts,
  startBackground,
} from '../kit/index.ts';
import { createExpiry } from './expiry.ts';
import { createInventory } from './inventory.ts';
import { createOrderReservations } from './order-reservations.ts';
import { orderStock } from './order-stock.ts';
import { createReservations } from './reservations.ts';
import { inventoryRoutes } from './routes.ts';
import { createInventoryStore, inventoryMigrations } from './store.ts';

const defaultTtlMs = 15 * 60_000;

/** The inventory service without a port: its database open and seeded, expired reservations swept in the background. */
export async function createInventoryApp(parts: ServiceParts): Promise<App> {
  const store = await openStore({ ...parts, migrations: inventoryMigrations });
  const rows = createInventoryStore(store);
  const expiry = createExpiry({ ...parts, store, rows });
  // Reserving wakes the background, whose passes free what reserving has taken.
  let background: Background | undefined;
  const shared = {
    ...parts,
    store,
    rows,
    expiry,
    ttlMs: parseDurationMs(`${parts.settings['RESERVATION_TTL']}`) ?? defaultTtlMs,
    onReserved: () => background?.wake(),
  };
  const reservations = createReservations(shared);
  const bus = createBus({ ...parts, service: 'inventory', store });
  bus.consume(orderStock({ ...shared, reservations: createOrderReservations(shared) }));
  const inventory = createInventory({ ...parts, store, rows, expiry });
  await inventory.seed(Number(parts.settings['FIRST_PRODUCT_ID'] ?? 1));
  background = startBackground({ ...parts, pass: expiry.sweep, backoff: { firstMs: 1_000, maxMs: 5_000 } });
  return createApp({
    name: 'inventory',
    contract: parts.contract,
    routes: inventoryRoutes({ inventory, reservations }),
    store,
    bus,
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
    close: background.stop,
  });
}
