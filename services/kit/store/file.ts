import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import knexModule from 'knex';
import type { Database as SqliteConnection } from 'sqlite3';
import { ExitError } from '../exit-error.ts';
import { firstLineOf } from './first-line.ts';
import { type Migration, migrate } from './migrations.ts';
import type { Store } from './store.ts';

/** An SQLite file. */
export async function openFile(file: string, migrations: readonly Migration[]): Promise<Store> {
  await requireDriver();
  makeFolder(file);
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
    await migrate({ database, dialect: 'sqlite', migrations });
  } catch (error) {
    await database.destroy();
    throw new ExitError([`The database ${file} cannot be opened: ${firstLineOf(error)}.`], 3, {
      cause: error,
    });
  }
  return {
    dialect: 'sqlite',
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
      `The package "sqlite3", in which this service keeps its data, cannot be loaded: ${firstLineOf(error)}.`,
      'It is an optional dependency with a native part: run "npm install sqlite3" (without a prebuilt binary it needs a C++ compiler and Python).',
    ];
    throw new ExitError(sentences, 3, { cause: error });
  }
}

function makeFolder(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new ExitError(
      [`The folder ${dirname(file)} (DATA_DIR) cannot be made: ${firstLineOf(error)}.`],
      3,
      {
        cause: error,
      },
    );
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
