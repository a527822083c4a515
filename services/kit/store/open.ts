import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import knexModule, { type Knex } from 'knex';
import type { Database as SqliteConnection } from 'sqlite3';
import { ExitError } from '../exit-error.ts';
import { type Migration, migrate } from './migrations.ts';

/** What rules and stores write with: every statement in it is committed together or not at all. */
export type Transaction = Knex.Transaction;

/** An open database. Owns its connection and file handle until `close`. */
export interface Store {
  /** For single statements outside a transaction. */
  read: Knex;
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Resolves when the database answers; rejects when it does not. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

interface StoreOptions {
  /** Path of the SQLite file; its folder is made. */
  file: string;
  migrations: readonly Migration[];
}

/** Opens (or makes) the database and brings its schema up to date. Throws `ExitError` (exit code 3) when it cannot. */
export async function openStore({ file, migrations }: StoreOptions): Promise<Store> {
  await requireDriver();
  await makeFolder(file);
  const database = knexModule.knex({
    client: 'sqlite3',
    connection: { filename: file },
    useNullAsDefault: true,
    // One connection: SQLite writes one at a time anyway, and transactions cannot mix on it.
    pool: { min: 1, max: 1, afterCreate: prepareConnection },
    acquireConnectionTimeout: 10_000,
    // Errors reach the log; what was being written (an e-mail address, say) must not.
    compileSqlOnError: false,
  });
  try {
    await migrate(database, migrations);
  } catch (error) {
    await database.destroy();
    throw new ExitError([`The database ${file} cannot be opened: ${reason(error)}.`], 3, { cause: error });
  }
  return {
    read: database,
    transaction: (work) => database.transaction(work),
    ping: async () => {
      await database.raw('select 1');
    },
    close: () => database.destroy(),
  };
}

/** `sqlite3` is an optional dependency, because it is native: not everybody can build it. */
async function requireDriver(): Promise<void> {
  try {
    await import('sqlite3');
  } catch (error) {
    const sentences = [
      `The package "sqlite3", in which this service keeps its data, cannot be loaded: ${reason(error)}.`,
      'It is an optional dependency with a native part: run "npm install sqlite3" (without a prebuilt binary it needs a C++ compiler and Python).',
    ];
    throw new ExitError(sentences, 3, { cause: error });
  }
}

async function makeFolder(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
  } catch (error) {
    throw new ExitError([`The folder ${dirname(file)} (DATA_DIR) cannot be made: ${reason(error)}.`], 3, {
      cause: error,
    });
  }
}

/**
 * WAL lets readers of the file work beside the writer. With it, `synchronous = normal` loses nothing when the process
 * dies; only a power cut may undo the last commits.
 */
function prepareConnection(connection: SqliteConnection, done: (error: Error | null) => void): void {
  connection.exec(
    'pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on; pragma busy_timeout = 5000;',
    done,
  );
}

function reason(error: unknown): string {
  const [firstLine] = (error instanceof Error ? error.message : String(error)).split('\n');
  return (firstLine ?? '').replace(/\.$/, '');
}
