import { type Clock, systemClock } from '../clock.ts';
import { type Random, seededRandom } from '../random.ts';
import { openFile } from './file.ts';
import type { Migration } from './migrations.ts';
import { openServer } from './server.ts';
import type { ServerDatabase } from './server-settings.ts';
import type { Store } from './store.ts';

interface StoreOptions {
  /** Path of the SQLite file; its folder is made. */
  file: string;
  /** Where it is given, the rows are there, and nothing is in the file. */
  database?: ServerDatabase | undefined;
  migrations: readonly Migration[];
  /** For the waits between attempts of a transaction. */
  clock?: Clock;
  random?: Random;
}

/** Opens (or makes) the database and brings its schema up to date. Throws `ExitError` (exit code 3) when it cannot. */
export async function openStore({
  file,
  database,
  migrations,
  clock = systemClock,
  random = seededRandom('store'),
}: StoreOptions): Promise<Store> {
  return database === undefined
    ? await openFile(file, migrations)
    : await openServer(database, { migrations, clock, random });
}
