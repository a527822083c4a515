import knexModule from 'knex';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import { type Migration, migrate } from './migrations.ts';
import { serializable } from './serializable.ts';
import { connectMs, type Driver, requireDriver, withClient } from './server-connection.ts';
import { bringAbout } from './server-database.ts';
import { cannotOpen } from './server-failure.ts';
import { databaseNameOf, type ServerDatabase } from './server-settings.ts';
import type { Store } from './store.ts';

interface ServerOptions {
  migrations: readonly Migration[];
  clock: Clock;
  random: Random;
}

/** A statement, and a transaction that asks nothing, are ended by the server after that: nobody waits for them any more. */
const longestMs = 15_000;

/** A database of a PostgreSQL server, which is made if there is none. */
export async function openServer(database: ServerDatabase, options: ServerOptions): Promise<Store> {
  const driver = await requireDriver();
  const knex = knexOf(driver, database);
  try {
    await bringAbout(driver, database);
    await alone(driver, database, async () => {
      // Only a process that died while it migrated can have left this lock: the present one has the other.
      await knex.migrate.forceFreeMigrationsLock();
      await migrate({ database: knex, dialect: 'postgresql', migrations: options.migrations });
    });
  } catch (error) {
    await knex.destroy();
    throw cannotOpen(database, error);
  }
  return {
    dialect: 'postgresql',
    read: knex,
    transaction: serializable(knex, options),
    ping: async () => {
      await knex.raw('select 1');
    },
    close: () => knex.destroy(),
  };
}

function knexOf(driver: Driver, { url, pool }: ServerDatabase) {
  return knexModule.knex({
    client: 'pg',
    connection: {
      connectionString: url,
      application_name: databaseNameOf(url),
      connectionTimeoutMillis: connectMs,
      statement_timeout: longestMs,
      idle_in_transaction_session_timeout: longestMs,
      keepAlive: true,
      types: {
        getTypeParser: (type) => (numberTypes.has(type) ? toNumber : driver.types.getTypeParser(type)),
      },
    },
    pool: { min: 0, max: pool },
    acquireConnectionTimeout: 10_000,
    compileSqlOnError: false,
    // A connection that breaks is told by whoever needs it, and not on stdout, where each line is JSON.
    log: { warn: ignored, error: ignored, deprecate: ignored, debug: ignored },
  });
}

const ignored = () => undefined;

/** `bigint` (also of counts and sums) and `numeric` (of sums of `bigint`), which come as texts. */
const numberTypes = new Set([20, 1700]);

/** The same numbers as from SQLite. Everything that is counted here is a safe integer, so anything else is an error. */
function toNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError('the database holds a number that cannot be told exactly');
}

/** One process at a time, however many start at once. */
async function alone(driver: Driver, { url }: ServerDatabase, work: () => Promise<void>): Promise<void> {
  await withClient(driver, url, async (client) => {
    await client.query("select pg_advisory_lock(hashtext('shop migrations'))");
    await work();
  });
}
