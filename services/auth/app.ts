import { type App, createApp, createBus, openStore, type ServiceParts } from '../kit/index.ts';
import { accountMigrations } from './accounts.ts';
import { consumeEvents } from './events.ts';
import { openKeys } from './keys.ts';
import { authRoutes } from './routes.ts';
import { createSessions } from './sessions.ts';
import { authMigrations, createSessionStore } from './store.ts';
import { tokenLife, tokenLifeSeconds } from './token-life.ts';
import { createTokens } from './tokens.ts';

/** The auth service without a port: its database open, its signing key there, its routes ready. */
export async function createAuthApp(parts: ServiceParts): Promise<App> {
  const store = await openStore({ ...parts, migrations: [...authMigrations, ...accountMigrations] });
  const bus = createBus({ ...parts, service: 'auth', store });
  const keys = await openKeys(store, parts.settings['AUTH_PRIVATE_KEY'] ?? '', parts.clock);
  const tokens = createTokens(keys, parts.clock);
  const sessions = createSessions({
    store,
    rows: createSessionStore(store),
    tokens,
    clock: parts.clock,
    tokenSeconds: tokenLifeSeconds(parts.settings['ACCESS_TOKEN_TTL'] ?? tokenLife.fallback),
  });
  consumeEvents(bus, sessions);
  return createApp({
    name: 'auth',
    contract: parts.contract,
    routes: authRoutes({ sessions, tokens, keys, secret: parts.settings['SERVICE_SECRET'] ?? '' }),
    store,
    bus,
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
  });
}
