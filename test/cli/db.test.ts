import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli, startCli } from './run-cli.ts';

const CONFIG = `
name: books
services:
  users: { command: x, database: "\${project.data}/users.db" }
  orders: { command: x, database: orders.db }
  gateway: { command: x }
  remote: { command: x, database: "postgres://shop:sesame@127.0.0.1:1/shop" }
`;

let folder: string;
beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'shopctl-db-')));
  writeFileSync(join(folder, 'e2e.config.yaml'), CONFIG);
  for (const [data, name] of [
    ['data', 'ann'],
    ['fresh-data', 'ben'],
  ] as const) {
    mkdirSync(join(folder, '.shopctl', data, 'default'), { recursive: true });
    const database = new sqlite3.Database(join(folder, '.shopctl', data, 'default', 'users.db'));
    await new Promise<void>((resolve, reject) => {
      database.exec(
        `CREATE TABLE users (id INTEGER, name TEXT, note TEXT);
         INSERT INTO users VALUES (9007199254740993, '${name}', NULL), (2, 'two' || char(10) || 'lines', '${'long '.repeat(40)}')`,
        (error) => (error === null ? resolve() : reject(error)),
      );
    });
    await new Promise<void>((resolve) => database.close(() => resolve()));
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

const db = (...args: readonly string[]) => runCli(['db', ...args], { cwd: folder });
const file = () => join(folder, '.shopctl', 'data', 'default', 'users.db');

test('rows are printed as a table, whole where no terminal is', async () => {
  const { code, stdout, stderr } = await db('users', 'SELECT id, name, note FROM users ORDER BY id DESC');
  expect(code).toBe(0);
  const lines = [
    '              id  name            note',
    '9007199254740993  ann             NULL',
    `               2  two\\u000alines  ${'long '.repeat(40).trim()}`,
  ];
  expect(stdout).toBe(`${lines.join('\n')}\n`);
  expect(stderr).toBe(`database ${file()}\n2 rows\n`);
});

test('--json has columns and rows, exact', async () => {
  const { code, stdout, stderr } = await db(
    'users',
    'SELECT id, note FROM users WHERE note IS NULL;',
    '--json',
  );
  expect(code).toBe(0);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    schema: 'shopctl/db/1',
    service: 'users',
    database: file(),
    columns: ['id', 'note'],
    rows: [['9007199254740993', null]],
    truncated: false,
  });
});

test('no more rows than --limit are printed, and that there are more is said', async () => {
  const { stdout, stderr } = await db('users', 'SELECT name FROM users ORDER BY name', '--limit', '1');
  expect(stdout).toBe('name\nann\n');
  expect(stderr).toContain('1 row, and there are more: `--limit` shows more');
  expect((await db('users', 'SELECT 1', '--limit', '0')).code).toBe(2);
});

test('without a statement the tables are listed, and --fresh looks into what the last test left', async () => {
  const { stdout, stderr } = await db('users');
  expect(stdout).toBe('table  rows\nusers     2\n');
  expect(stderr).toBe(`database ${file()}\n1 table\n`);
  const fresh = await db('users', 'SELECT name FROM users', '--fresh', '--limit', '1');
  expect(fresh.stdout).toBe('name\nben\n');
});

test.each([
  ['not-a-query', ['users', 'DELETE FROM users'], 2],
  ['several-statements', ['users', 'SELECT 1; SELECT 2'], 2],
  ['sql-invalid', ['users', 'SELECT * FROM user'], 2],
  ['unknown-service', ['user'], 2],
  ['unconfigured', ['gateway'], 2],
  ['missing', ['orders'], 3],
  ['unreadable', ['remote'], 3],
])('the error %s', async (name, args, code) => {
  const run = await db(...args);
  expect(run.code).toBe(code);
  expect(run.stdout).toBe('');
  expect(run.stderr).not.toContain('sesame');
  await expect(run.stderr.replaceAll(folder, '<folder>')).toMatchFileSnapshot(`../golden/db-${name}.txt`);
});

test('Ctrl-C ends a query that takes for ever', async () => {
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';
  const run = startCli(['db', 'users', endless], { cwd: folder });
  await run.shows('database ');
  run.child.kill('SIGINT');
  expect(await run.exited).toMatchObject({ code: 130, stdout: '' });
});
