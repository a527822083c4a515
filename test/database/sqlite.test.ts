import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { renderError, ShopctlError } from '../../src/errors/index.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'shopctl-database-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** A database file as a service would have made it. */
async function databaseWith(sql: string): Promise<string> {
  const file = join(folder(), 'users.db');
  const database = new sqlite3.Database(file);
  await new Promise<void>((resolve, reject) => {
    database.exec(`PRAGMA journal_mode = wal; ${sql}`, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  await new Promise<void>((resolve) => database.close(() => resolve()));
  return file;
}

const open = (file: string, { signal = new AbortController().signal, timeoutMs = 60_000 } = {}) =>
  openDatabase({ kind: 'sqlite', file }, { signal, timeoutMs });

const USERS = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, credit REAL, face BLOB);
  INSERT INTO users VALUES (1, 'ann', 1.5, x'00ff'), (2, 'ben', NULL, NULL), (9007199254740993, 'zoe', 2, NULL);
  CREATE VIRTUAL TABLE words USING fts5 (word);
  CREATE TABLE "odd ""name" (a);
`;

test('rows come in order, with every column, and integers stay exact', async () => {
  const reader = await open(await databaseWith(USERS));
  expect(
    await reader.query('SELECT id, name, credit, face, id FROM users ORDER BY id DESC -- all', 10),
  ).toEqual({
    columns: ['id', 'name', 'credit', 'face', 'id'],
    rows: [
      ['9007199254740993', 'zoe', 2, null, '9007199254740993'],
      [2, 'ben', null, null, 2],
      [1, 'ann', 1.5, '\\x00ff', 1],
    ],
    isCut: false,
  });
  expect(await reader.query('SELECT name FROM users ORDER BY name', 2)).toEqual({
    columns: ['name'],
    rows: [['ann'], ['ben']],
    isCut: true,
  });
  expect(await reader.query('SELECT name AS "n:1" FROM users WHERE id = 5', 2)).toEqual({
    columns: ['n:1'],
    rows: [],
    isCut: false,
  });
});

test('tables are listed with their rows, without what SQLite keeps for itself', async () => {
  const reader = await open(await databaseWith(USERS));
  expect((await reader.tables()).rows).toEqual([
    ['odd "name', 0],
    ['users', 3],
    ['words', 0],
  ]);
});

test.each([
  ['DELETE FROM users', 'sql-invalid'],
  ['WITH x AS (DELETE FROM users RETURNING id) SELECT * FROM x', 'sql-invalid'],
  ['SELECT nope FROM users', 'sql-invalid'],
  ['SELECT * FROM nope', 'sql-invalid'],
  ['SELECT ?', 'sql-invalid'],
  ["SELECT load_extension('x')", 'sql-invalid'],
])('%s is refused, and changes nothing', async (sql, code) => {
  const reader = await open(await databaseWith(USERS));
  await expect(reader.query(sql, 1)).rejects.toMatchObject({ code, exitCode: 2 });
  expect((await reader.query('SELECT count(*) FROM users', 1)).rows).toEqual([[3]]);
});

test('a query sees what was committed meanwhile', async () => {
  const file = await databaseWith(USERS);
  const reader = await open(file);
  const writer = new sqlite3.Database(file);
  onTestFinished(() => void writer.close());
  const written = new Promise<void>((resolve) =>
    writer.exec("INSERT INTO users VALUES (7, 'eve', 1, NULL)", () => resolve()),
  );
  await written;
  expect((await reader.query('SELECT count(*) FROM users', 1)).rows).toEqual([[4]]);
});

const ENDLESS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';

test('a statement without end is ended when its time is over, and when nobody wants it any more', async () => {
  const file = await databaseWith(USERS);
  const slow = await open(file, { timeoutMs: 200 });
  await expect(slow.query(ENDLESS, 1)).rejects.toMatchObject({ code: 'sql-slow', exitCode: 3 });
  const error: unknown = await slow.query(ENDLESS, 1).catch((reason: unknown) => reason);
  const shown = error instanceof ShopctlError ? renderError(error, false) : '';
  await expect(shown).toMatchFileSnapshot('../golden/database-sql-slow.txt');
  const abort = new AbortController();
  const reader = await open(file, { signal: abort.signal });
  const asked = expect(reader.query(ENDLESS, 1)).rejects.toMatchObject({ code: 'interrupted' });
  setImmediate(() => abort.abort());
  await asked;
});

test('a file that is not there, and one that is no database, are told', async () => {
  const path = join(folder(), 'none.db');
  await expect(open(path)).rejects.toMatchObject({
    code: 'database-missing',
    message: `there is no database ${path} yet`,
  });
  writeFileSync(
    path,
    'this is a text that is long enough to be taken for the head of a database file, and is none',
  );
  const reader = await open(path);
  await expect(reader.query('SELECT 1 FROM users', 1)).rejects.toMatchObject({ code: 'database-unreadable' });
});
