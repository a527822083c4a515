import { existsSync } from 'node:fs';
import type { Database } from 'sqlite3';
import { ShopctlError } from '../errors/index.ts';
import { driverMissing, firstLine, interrupted, sqlInvalid, sqlSlow } from './failures.ts';
import { type Cell, type DatabaseReader, exactInteger, type ReadLimits, type Rows } from './reader.ts';

/** A writer that commits at this moment is waited for. */
const BUSY_MS = 2_000;
/** The statement, as a view of this connection alone: SQLite itself then sees to it that it only reads. */
const VIEW = 'temp."shopctl query"';

/**
 * Opens an SQLite file for reading only; it is never made. A connection of its own for each statement.
 * @throws ShopctlError `dependency-missing`, `database-missing`, `database-unreadable`
 */
export async function openSqlite(file: string, limits: ReadLimits): Promise<DatabaseReader> {
  const driver = await loadDriver();
  if (!existsSync(file))
    throw new ShopctlError('database-missing', { message: `there is no database ${file} yet` });
  const withConnection = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = await open(driver, file, limits);
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  };
  return {
    query: (text, limit) => withConnection((connection) => query(connection, text, limit)),
    tables: () => withConnection(tables),
  };
}

async function query(connection: Connection, text: string, limit: number): Promise<Rows> {
  // On a line of its own: the statement may end with a comment.
  await connection.run(`CREATE TEMP VIEW ${VIEW.slice('temp.'.length)} AS ${text}\n`);
  await connection.run('PRAGMA query_only = ON');
  const columns = (await connection.all(`PRAGMA temp.table_info("shopctl query")`)).map(({ name }) =>
    String(name),
  );
  const names = columns.map((_, index) => `c${index}`);
  // Integers travel as texts: the driver would round those beyond 2^53.
  const cells = names.map(
    (name) =>
      `typeof(${name}) AS type_${name}, CASE typeof(${name}) WHEN 'integer' THEN CAST(${name} AS TEXT) ELSE ${name} END AS ${name}`,
  );
  const rows = await connection.all(
    `WITH answer(${names.join(', ')}) AS (SELECT * FROM ${VIEW}) SELECT ${cells.join(', ')} FROM answer LIMIT ${limit + 1}`,
  );
  return {
    // What comes twice was numbered, to have a name of its own: `id:1`.
    columns: columns.map((name) => {
      const plain = name.replace(/:\d+$/, '');
      return columns.includes(plain) ? plain : name;
    }),
    rows: rows.slice(0, limit).map((row) => names.map((name) => cellOf(row[`type_${name}`], row[name]))),
    isCut: rows.length > limit,
  };
}

async function tables(connection: Connection): Promise<Rows> {
  const found = await connection.all(
    `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
  );
  const rows: Cell[][] = [];
  for (const { name } of found) {
    const quoted = `"${String(name).replaceAll('"', '""')}"`;
    const [counted] = await connection.all(`SELECT count(*) AS count FROM main.${quoted}`);
    rows.push([String(name), exactInteger(String(counted?.['count']))]);
  }
  return { columns: ['table', 'rows'], rows, isCut: false };
}

function cellOf(type: unknown, value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (type === 'integer') return exactInteger(String(value));
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  return typeof value === 'number' && Number.isFinite(value) ? value : String(value);
}

type Row = Readonly<Record<string, unknown>>;

interface Connection {
  run(sql: string): Promise<void>;
  all(sql: string): Promise<Row[]>;
  close(): Promise<void>;
}

async function open(driver: typeof import('sqlite3'), file: string, limits: ReadLimits): Promise<Connection> {
  const database = await new Promise<Database>((resolve, reject) => {
    const opened: Database = new driver.Database(file, driver.OPEN_READONLY, (error) =>
      error === null ? resolve(opened) : reject(unreadable(file, error)),
    );
  });
  database.configure('busyTimeout', BUSY_MS);
  const call = <T>(begin: (done: (error: Error | null, value: T) => void) => void) =>
    limited(
      database,
      limits,
      file,
      () =>
        new Promise<T>((resolve, reject) => {
          begin((error, value) => (error === null ? resolve(value) : reject(error)));
        }),
    );
  return {
    run: (sql) => call<void>((done) => database.exec(sql, (error) => done(error, undefined))),
    all: (sql) => call<Row[]>((done) => database.all<Row>(sql, done)),
    close: () =>
      new Promise((resolve) => {
        database.close(() => resolve());
      }),
  };
}

/** Ends what runs when its time is over or nobody wants it any more. */
async function limited<T>(
  database: Database,
  { signal, timeoutMs }: ReadLimits,
  file: string,
  work: () => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw interrupted();
  const stop = () => database.interrupt();
  const timer = setTimeout(stop, timeoutMs);
  signal.addEventListener('abort', stop);
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) throw interrupted();
    throw explain(error, file, timeoutMs);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function explain(error: unknown, file: string, timeoutMs: number): ShopctlError {
  const message = firstLine(error).replace(/^SQLITE_[A-Z]+: /, '');
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'SQLITE_INTERRUPT') return sqlSlow(timeoutMs, error);
  if (code === 'SQLITE_ERROR' || code === 'SQLITE_RANGE') {
    const isTable = message.startsWith('no such table');
    return sqlInvalid(message, {
      cause: error,
      ...(isTable ? { hint: 'without a statement, `shopctl db SERVICE` lists the tables' } : {}),
    });
  }
  if (code === 'SQLITE_READONLY') return sqlInvalid('it would change the database', { cause: error });
  return unreadable(file, error);
}

const unreadable = (file: string, cause: unknown) =>
  new ShopctlError('database-unreadable', {
    message: `the database ${file} cannot be read: ${firstLine(cause).replace(/^SQLITE_[A-Z]+: /, '')}`,
    hint: 'is it an SQLite file, and may you read it and write in its folder? A database that is in use needs that',
    cause,
  });

/** `sqlite3` is an optional dependency, because it is native: not everybody can build it. */
async function loadDriver(): Promise<typeof import('sqlite3')> {
  try {
    return (await import('sqlite3')).default;
  } catch (error) {
    throw driverMissing('sqlite3', error);
  }
}
