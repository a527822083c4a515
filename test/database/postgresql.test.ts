import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { describeWithPostgres } from '../services/postgres/with-postgres.ts';
import { runPrefix, testServerUrl } from '../services/test-server.ts';

let databases = 0;

async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A database of its own for one test. */
async function databaseWith(sql: string): Promise<string> {
  databases += 1;
  const name = `${runPrefix}db_${process.pid}_${databases}`;
  const url = new URL(testServerUrl);
  const server = url.href;
  await onServer(server, (client) => client.query(`CREATE DATABASE ${name}`));
  onTestFinished(async () => {
    await onServer(server, (client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
  });
  url.pathname = `/${name}`;
  await onServer(url.href, (client) => client.query(sql));
  return url.href;
}

const open = (url: string, { signal = new AbortController().signal, timeoutMs = 60_000, schema = '' } = {}) =>
  openDatabase({ kind: 'postgresql', url, ...(schema === '' ? {} : { schema }) }, { signal, timeoutMs });

const USERS = `
  CREATE TABLE users (id bigint, name text, credit numeric(8, 2), ok boolean, at timestamptz, share float8);
  INSERT INTO users VALUES (1, 'ann', 19.90, true, '2026-01-02T03:04:05Z', 0.5), (9007199254740993, NULL, NULL, NULL, NULL, NULL);
  CREATE SCHEMA books; CREATE TABLE books.pages (n int); INSERT INTO books.pages VALUES (1), (2);
  CREATE SEQUENCE counter;
`;

describeWithPostgres('PostgreSQL', () => {
  test('rows come with every column, and numbers stay exact', async () => {
    const reader = await open(await databaseWith(USERS));
    const sql =
      "SELECT id, name, credit, ok, at AT TIME ZONE 'UTC' AS at, share, id FROM users ORDER BY id -- all";
    expect(await reader.query(sql, 10)).toEqual({
      columns: ['id', 'name', 'credit', 'ok', 'at', 'share', 'id'],
      rows: [
        [1, 'ann', '19.90', true, '2026-01-02 03:04:05', 0.5, 1],
        ['9007199254740993', null, null, null, null, null, '9007199254740993'],
      ],
      isCut: false,
    });
    expect(await reader.query('VALUES (1), (2), (3)', 2)).toMatchObject({ rows: [[1], [2]], isCut: true });
  });

  test('tables are listed with their rows, and found in the schema that is named', async () => {
    const url = await databaseWith(USERS);
    expect((await (await open(url)).tables()).rows).toEqual([
      ['books.pages', 2],
      ['users', 2],
    ]);
    const books = await open(url, { schema: 'books' });
    expect((await books.query('SELECT count(*) FROM pages', 1)).rows).toEqual([[2]]);
  });

  test.each([
    'DELETE FROM users',
    'WITH x AS (DELETE FROM users RETURNING id) SELECT * FROM x',
    "SELECT nextval('counter')",
    'SELECT nope FROM users',
    'SELECT 1; COMMIT; DELETE FROM users',
    "SELECT set_config('transaction_read_only', 'off', true)",
    'SELECT * FROM users FOR UPDATE',
  ])('%s is refused, and changes nothing', async (sql) => {
    const reader = await open(await databaseWith(USERS));
    await expect(reader.query(sql, 5)).rejects.toMatchObject({ code: 'sql-invalid' });
    expect((await reader.query('SELECT count(*) FROM users', 1)).rows).toEqual([[2]]);
  });

  test('a statement that takes too long is ended by the server, and one that nobody wants any more is left', async () => {
    const url = await databaseWith(USERS);
    const slow = await open(url, { timeoutMs: 1_500 });
    await expect(slow.query('SELECT pg_sleep(600)', 1)).rejects.toMatchObject({ code: 'sql-slow' });
    const abort = new AbortController();
    const reader = await open(url, { signal: abort.signal });
    const asked = expect(reader.query('SELECT pg_sleep(600)', 1)).rejects.toMatchObject({
      code: 'interrupted',
    });
    setImmediate(() => abort.abort());
    await asked;
  });

  test('a database that is not there is told, without the password', async () => {
    const url = new URL(testServerUrl);
    url.password = 'sesame';
    url.pathname = '/shoptest_never_made';
    const reader = await open(url.href);
    const error: unknown = await reader.query('SELECT 1', 1).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'database-missing' });
    expect(String(error)).not.toContain('sesame');
  });
});

test('a server that is not there is told, without the password', async () => {
  const reader = await open('postgres://shop:sesame@127.0.0.1:1/shop');
  await expect(reader.query('SELECT 1', 1)).rejects.toMatchObject({
    code: 'database-unreadable',
    message: 'the database 127.0.0.1:1/shop cannot be reached: connect ECONNREFUSED 127.0.0.1:1',
  });
});
