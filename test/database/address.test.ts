import { expect, test } from 'vitest';
import { type DatabaseAddress, parseDatabase, shownDatabase } from '../../src/database/index.ts';

const absolute = (path: string) => `/root/${path}`;

test.each([
  ['data/users.db', '/root/data/users.db'],
  ['users.sqlite', '/root/users.sqlite'],
  ['users.sqlite3', '/root/users.sqlite3'],
  ['sqlite:data/users', '/root/data/users'],
])('%s is an SQLite file', (text, file) => {
  expect(parseDatabase(text, absolute)).toEqual({ kind: 'sqlite', file });
});

test.each([
  'mysql://host/db',
  'users',
  ':memory:',
  'sqlite:',
  'sqlite::memory:',
  'postgres:/x',
  'postgres://h/%zz',
])('%s is no address', (text) => {
  const read = parseDatabase(text, absolute);
  expect(read).toEqual({ reason: expect.any(String), hint: expect.stringMatching(/write|only a file/) });
});

test('what is shown of a database holds neither user nor password', () => {
  const address: DatabaseAddress = {
    kind: 'postgresql',
    url: 'postgresql://shop:se%2Fsame@db.example:5433/shop_users?sslmode=require',
    schema: 'books',
  };
  expect(shownDatabase(address)).toBe('db.example:5433/shop_users, schema books');
  expect(JSON.stringify(parseDatabase('postgres://u:hush@/', absolute))).not.toContain('hush');
});
