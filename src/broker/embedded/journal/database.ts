import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Database } from 'sqlite3';
import { messageOf, ShopctlError } from '../../../errors/index.ts';

const SCHEMA_VERSION = 1;

/** `position` and `id` only grow, so new rows go to the end of their tables and old ones leave from the front. */
const SCHEMA = `
  CREATE TABLE definitions (kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY, exchange TEXT NOT NULL, routing_key TEXT NOT NULL, header BLOB NOT NULL, body BLOB NOT NULL
  );
  CREATE TABLE entries (
    position INTEGER PRIMARY KEY, queue TEXT NOT NULL, message INTEGER NOT NULL, expires_at_ms INTEGER
  );
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** The calls of `sqlite3` that the journal needs, as promises. Statements run in the order in which they are given. */
export interface JournalDatabase {
  run(sql: string, parameters?: readonly unknown[]): Promise<void>;
  all<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/**
 * Opens or makes the file and keeps it for this process alone.
 * @throws ShopctlError `dependency-missing`, `journal-locked`, `journal-unusable`
 */
export async function openDatabase(file: string): Promise<JournalDatabase> {
  const { Database } = await loadDriver();
  await makeFolder(file);
  const database = await new Promise<Database>((resolve, reject) => {
    const opened: Database = new Database(file, (error) => {
      if (error === null) resolve(opened);
      else reject(unusable(file, error));
    });
  });
  database.serialize();
  const journal = withPromises(database);
  try {
    await prepare(journal);
    return journal;
  } catch (error) {
    await journal.close();
    throw unusable(file, error);
  }
}

/** The lock is held until the file is closed, so that a second broker cannot write in between. */
async function prepare(database: JournalDatabase): Promise<void> {
  await database.run('PRAGMA locking_mode = EXCLUSIVE');
  // Holds several messages of a common size each: fewer pages to write for the same messages.
  await database.run('PRAGMA page_size = 16384');
  await database.run('PRAGMA journal_mode = WAL');
  // A confirmed message survives a power cut too: each group of writes waits for the disk once.
  await database.run('PRAGMA synchronous = FULL');
  await database.run('BEGIN EXCLUSIVE');
  const [row] = await database.all<{ user_version: number }>('PRAGMA user_version');
  const version = row?.user_version ?? 0;
  if (version === 0) {
    for (const statement of SCHEMA.split(';')) if (statement.trim() !== '') await database.run(statement);
  }
  await database.run('COMMIT');
  if (version > SCHEMA_VERSION) throw new Error(`it was written by a newer version (schema ${version})`);
}

/** `sqlite3` is an optional dependency, because it is native: not everybody can build it. */
async function loadDriver(): Promise<typeof import('sqlite3')> {
  try {
    const { default: driver } = await import('sqlite3');
    return driver;
  } catch (error) {
    throw new ShopctlError('dependency-missing', {
      message: `the package "sqlite3", in which the broker keeps its journal, cannot be loaded: ${firstLine(error)}`,
      hint: 'run `npm install sqlite3` (without a prebuilt binary it needs a C++ compiler and Python), or use `--memory`',
      cause: error,
    });
  }
}

async function makeFolder(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
  } catch (error) {
    throw unusable(file, error);
  }
}

function withPromises(database: Database): JournalDatabase {
  return {
    run: (sql, parameters = []) =>
      new Promise((resolve, reject) => {
        database.run(sql, parameters, (error) => (error === null ? resolve() : reject(error)));
      }),
    all: <Row>(sql: string, parameters: readonly unknown[] = []) =>
      new Promise<Row[]>((resolve, reject) => {
        database.all<Row>(sql, parameters, (error, rows) => (error === null ? resolve(rows) : reject(error)));
      }),
    close: () =>
      new Promise((resolve, reject) => {
        database.close((error) => (error === null ? resolve() : reject(error)));
      }),
  };
}

function unusable(file: string, error: unknown): ShopctlError {
  if (isBusy(error)) {
    return new ShopctlError('journal-locked', {
      message: `the journal ${file} is in use by another broker`,
      cause: error,
    });
  }
  return new ShopctlError('journal-unusable', {
    message: `the journal ${file} cannot be used: ${firstLine(error)}`,
    cause: error,
  });
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0] ?? '';
}
