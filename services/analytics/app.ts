import {
  type App,
  createApp,
  createBus,
  openStore,
  parseDurationMs,
  type ServiceParts,
} from '../kit/index.ts';
import { createEventLog } from './event-log.ts';
import { createLive, type LiveLimits } from './live.ts';
import { createNumbers } from './numbers.ts';
import { createProjections } from './projections.ts';
import { analyticsRoutes } from './routes.ts';
import { analyticsMigrations } from './store.ts';
import { readTold } from './told.ts';

/** The analytics service without a port: its database open, hearing everything that the others tell. */
export async function createAnalyticsApp(parts: ServiceParts): Promise<App> {
  const store = await openStore({ ...parts, migrations: analyticsMigrations });
  const log = createEventLog(store);
  const numbers = createNumbers({ store, log, clock: parts.clock });
  const projections = createProjections({ store, log });
  const live = createLive({ ...parts, look: numbers.ofOrders, limits: limitsOf(parts) });
  const bus = createBus({ ...parts, service: 'analytics', store });
  bus.consume({
    queue: 'analytics.all.events',
    read: readTold,
    handle: (event, transaction) => projections.record(transaction, event),
    committed: live.changed,
  });
  if (parts.bus === undefined)
    parts.log.warn('AMQP_URL names no broker: no event is heard, and nothing changes');
  return createApp({
    name: 'analytics',
    contract: parts.contract,
    routes: analyticsRoutes({ log, numbers, projections, live, clock: parts.clock }),
    store,
    bus,
    // Without events this service has nothing to tell, unlike others that only tell them.
    ...(parts.bus === undefined ? { dependencies: { broker: async () => false } } : {}),
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
    upgrade: live.route,
    close: live.stop,
  });
}

function limitsOf({ settings }: ServiceParts): LiveLimits {
  return {
    clients: Number(settings['LIVE_CLIENTS'] ?? 100),
    bufferedBytes: Number(settings['LIVE_BUFFER_KB'] ?? 256) * 1_024,
    heartbeatMs: parseDurationMs(`${settings['LIVE_HEARTBEAT']}`) ?? 30_000,
  };
}
