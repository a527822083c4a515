import type { Client, FieldDef } from 'pg';
import { ShopctlError } from '../errors/index.ts';
import { type DatabaseAddress, shownDatabase } from './address.ts';
import { driverMissing, firstLine, interrupted, sqlInvalid, sqlSlow } from './failures.ts';
import { type Cell, type DatabaseReader, exactInteger, type ReadLimits, type Rows } from './reader.ts';

type ServerAddress = Extract<DatabaseAddress, { kind: 'postgresql' }>;

/**
 * A PostgreSQL database, read in transactions that the server itself keeps from writing. A connection of its own for
 * each statement.
 * @throws ShopctlError `dependency-missing`; the statements `database-missing`, `database-unreadable` besides
 */
export async function openPostgresql(address: ServerAddress, limits: ReadLimits): Promise<DatabaseReader> {
  const driver = await loadDriver();
  const connected = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
    const { signal, timeoutMs } = limits;
    if (signal.aborted) throw interrupted();
    const client = new driver.Client({
      connectionString: address.url,
      application_name: 'shopctl',
      connectionTimeoutMillis: timeoutMs,
      // Values come as the server writes them: no number is rounded on the way.
      types: { getTypeParser: () => (text: string) => text },
    });
    // What breaks while it is idle is told by the next query.
    client.on('error', () => undefined);
    const stop = () => void client.end().catch(() => undefined);
    signal.addEventListener('abort', stop);
    try {
      await client.connect();
      return await inReadOnlyTransaction(client, address, timeoutMs, () => work(client));
    } catch (error) {
      if (signal.aborted) throw interrupted();
      throw error instanceof ShopctlError ? error : explain(error, address, timeoutMs);
    } finally {
      signal.removeEventListener('abort', stop);
      await client.end().catch(() => undefined);
    }
  };
  return {
    query: (text, limit) => connected((client) => query(client, text, limit)),
    tables: () => connected(tables),
  };
}

async function inReadOnlyTransaction<T>(
  client: Client,
  { schema }: ServerAddress,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  // It is never committed: when the connection ends, so does the transaction.
  await client.query('BEGIN TRANSACTION READ ONLY');
  await client.query(`SET LOCAL statement_timeout = ${Math.ceil(timeoutMs)}`);
  if (schema !== undefined) await client.query(`SET LOCAL search_path = ${client.escapeIdentifier(schema)}`);
  return work();
}

/** A cursor takes a statement that gives rows, and nothing else; no more rows are made than are fetched. */
async function query(client: Client, text: string, limit: number): Promise<Rows> {
  // A named statement goes by the extended protocol, which takes a single one.
  await client.query({ text: `DECLARE answer NO SCROLL CURSOR FOR ${text}\n`, name: 'shopctl' });
  const { fields, rows } = await client.query<(string | null)[]>({
    text: `FETCH ${limit + 1} FROM answer`,
    rowMode: 'array',
  });
  return {
    columns: fields.map(({ name }) => name),
    rows: rows.slice(0, limit).map((row) => row.map((value, index) => cellOf(value, fields[index]))),
    isCut: rows.length > limit,
  };
}

async function tables(client: Client): Promise<Rows> {
  const { rows: found } = await client.query<{ schema: string; name: string; is_plain: string }>(
    `SELECT n.nspname AS schema, c.relname AS name, pg_table_is_visible(c.oid) AS is_plain
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
     ORDER BY 1, 2`,
  );
  const rows: Cell[][] = [];
  for (const { schema, name, is_plain: isPlain } of found) {
    const place = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`;
    const { rows: counted } = await client.query<{ count: string }>(`SELECT count(*) FROM ${place}`);
    rows.push([isPlain === 't' ? name : `${schema}.${name}`, exactInteger(counted[0]?.count ?? '')]);
  }
  return { columns: ['table', 'rows'], rows, isCut: false };
}

const BOOLEAN = 16;
const INTEGERS = [20, 21, 23, 26];
const FLOATS = [700, 701];

function cellOf(text: string | null | undefined, field: FieldDef | undefined): Cell {
  if (text === null || text === undefined) return null;
  const type = field?.dataTypeID ?? 0;
  if (type === BOOLEAN) return text === 't';
  if (INTEGERS.includes(type)) return exactInteger(text);
  if (FLOATS.includes(type) && Number.isFinite(Number(text))) return Number(text);
  return text;
}

/** Messages of the server hold no password; those of the driver about its own settings might, and are left out. */
function explain(error: unknown, address: ServerAddress, timeoutMs: number): ShopctlError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const shown = shownDatabase(address);
  if (code === '3D000')
    return new ShopctlError('database-missing', {
      message: `there is no database ${shown} yet`,
      cause: error,
    });
  if (code === '57014') return sqlSlow(timeoutMs, error);
  if (code === '25006') return sqlInvalid('it would change the database', { cause: error });
  if (code.startsWith('28'))
    return new ShopctlError('database-unreadable', {
      message: `the PostgreSQL server of ${shown} does not accept the user or the password`,
      hint: 'they are part of the URL in `database`',
      cause: error,
    });
  if (/^[0-9A-Z]{5}$/.test(code) && !/^(08|53|57|58|XX)/.test(code)) {
    const isTable = code === '42P01';
    return sqlInvalid(firstLine(error), {
      cause: error,
      ...(isTable ? { hint: 'without a statement, `shopctl db SERVICE` lists the tables' } : {}),
    });
  }
  return new ShopctlError('database-unreadable', {
    message: `the database ${shown} cannot be reached: ${firstLine(error) || code || 'no connection'}`,
    hint: 'does the server run there?',
    cause: error,
  });
}

async function loadDriver(): Promise<typeof import('pg').default> {
  try {
    return (await import('pg')).default;
  } catch (error) {
    throw driverMissing('pg', error);
  }
}
