import type { Knex } from 'knex';
import type { Dialect } from './store.ts';

/** One step of a schema. Its name is what the database remembers, so it never changes once released. */
export interface Migration {
  name: string;
  /** Runs in a transaction of its own. What only one database understands is told from the rest by the dialect. */
  up: (database: Knex, dialect: Dialect) => Promise<void>;
}

/** What every service's database holds before its own tables. */
const kitMigrations: readonly Migration[] = [
  {
    name: 'kit-001-idempotency-keys-and-sequences',
    up: async (database) => {
      await database.schema.createTable('idempotency_keys', (table) => {
        table.text('key').primary();
        table.text('fingerprint').notNullable();
        table.integer('status').notNullable();
        table.text('body').notNullable();
        table.text('headers').notNullable();
      });
      await database.schema.createTable('sequences', (table) => {
        table.text('name').primary();
        table.bigInteger('value').notNullable();
      });
    },
  },
  {
    name: 'kit-002-outbox-and-inbox',
    up: async (database) => {
      await database.schema.createTable('outbox', (table) => {
        table.bigIncrements('seq');
        table.text('id').notNullable();
        table.text('type').notNullable();
        table.text('body').notNullable();
        table.text('headers').notNullable();
        table.text('created_at').notNullable();
      });
      await database.schema.createTable('inbox', (table) => {
        table.text('consumer').notNullable();
        table.text('event_id').notNullable();
        table.text('received_at').notNullable().index();
        table.primary(['consumer', 'event_id']);
      });
    },
  },
];

interface MigrateOptions {
  database: Knex;
  dialect: Dialect;
  migrations: readonly Migration[];
}

/** Migrations live in code, so that a built service carries them; each runs once. */
export async function migrate({ database, dialect, migrations }: MigrateOptions): Promise<void> {
  const byName = new Map([...kitMigrations, ...migrations].map((migration) => [migration.name, migration]));
  if (await haveAllRun(database, [...byName.keys()])) return;
  await database.migrate.latest({
    migrationSource: {
      getMigrations: async () => [...byName.keys()],
      getMigrationName: (name: unknown) => String(name),
      getMigration: async (name: unknown) => ({
        up: async (transaction: Knex) => byName.get(String(name))?.up(transaction, dialect),
        down: () => Promise.reject(new Error(`"${name}" is never undone`)),
      }),
    },
  });
}

/** As most starts find them. knex asks eight times to say the same, and what it loads for it costs more than that. */
async function haveAllRun(database: Knex, names: readonly string[]): Promise<boolean> {
  const rows: { name: string }[] = await database('knex_migrations')
    .select('name')
    // A new database, or one that does not answer: what comes next tells them apart.
    .catch(() => []);
  return rows.length === names.length && rows.every(({ name }) => names.includes(name));
}
