import { type App, createApp, createBus, openStore, type ServiceParts } from '../kit/index.ts';
import { accountRoutes } from './account-routes.ts';
import { createAccounts } from './accounts.ts';
import { createPasswords } from './passwords.ts';
import { usersRoutes } from './routes.ts';
import { seedUsers } from './seed.ts';
import { createSessionDesk } from './session-desk.ts';
import { createUsersStore, usersMigrations } from './store.ts';
import { createUsers } from './users.ts';

/** The users service without a port: its database open and seeded, its routes ready. */
export async function createUsersApp(parts: ServiceParts): Promise<App> {
  const store = await openStore({ ...parts, migrations: usersMigrations });
  const rows = createUsersStore(store);
  // What is told of accounts waits for auth also where auth has never run.
  const bus = createBus({ ...parts, service: 'users', store });
  const passwords = createPasswords(Number(parts.settings['PASSWORD_COST']));
  const which = parts.settings['SEED_USERS'] === 'balances' ? 'balances' : 'full';
  await seedUsers({ store, rows, bus, clock: parts.clock, passwords, which });
  const sessions = createSessionDesk(parts);
  const users = createUsers({ ...parts, store, rows, bus });
  const accounts = createAccounts({ ...parts, store, rows, bus, passwords, sessions });
  return createApp({
    name: 'users',
    contract: parts.contract,
    routes: [...usersRoutes(users), ...accountRoutes({ users, accounts, sessions })],
    store,
    bus,
    dependencies: parts.auth === undefined ? {} : { auth: sessions.isAvailable },
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
    close: sessions.close,
  });
}
