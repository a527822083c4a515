import { type Clock, systemClock } from '../clock.ts';
import { type Random, seededRandom } from '../random.ts';
import type { Tracer } from '../tracing/index.ts';
import { openFile } from './file.ts';
import type { Migration } from './migrations.ts';
import { openServer } from './server.ts';
import type { ServerDatabase } from './server-settings.ts';
import type { Store } from './store.ts';
import { watchStatements } from './watch-statements.ts';

interface StoreOptions {
  /** Path of the SQLite file; its folder is made. */
  file: string;
  /** Where it is given, the rows are there, and nothing is in the file. */
  database?: ServerDatabase | undefined;
  migrations: readonly Migration[];
  /** For the waits between attempts of a transaction. */
  clock?: Clock;
  random?: Random;
  /** Takes note of what is asked of the database once it is open. */
  tracer?: Tracer | undefined;
}

/** Opens (or makes) the database and brings its schema up to date. Throws `ExitError` (exit code 3) when it cannot. */
export async function openStore({
  file,
  database,
  migrations,
  clock = systemClock,
  random = seededRandom('store'),
  tracer,
}: StoreOptions): Promise<Store> {
  const store =
    database === undefined
      ? await openFile(file, migrations)
      : await openServer(database, { migrations, clock, random });
  watchStatements(store.read, store.dialect, tracer);
  return store;
}
