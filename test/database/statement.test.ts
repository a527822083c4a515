import { expect, test } from 'vitest';
import { readStatement } from '../../src/database/index.ts';

const DIALECTS = ['sqlite', 'postgresql'] as const;

test.each([
  ['select 1', 'select 1'],
  ['  SELECT 1 ; ; ', 'SELECT 1'],
  ['select \';\' as a, "b;c" from t -- ; no end\n', 'select \';\' as a, "b;c" from t -- ; no end'],
  ['/* first; */ with x as (select 1) select * from x', '/* first; */ with x as (select 1) select * from x'],
  ['values (1)', 'values (1)'],
  ["select 'it''s; fine'", "select 'it''s; fine'"],
])('takes %s', (sql, text) => {
  for (const dialect of DIALECTS) expect(readStatement(sql, dialect)).toEqual({ ok: true, text });
});

test.each([
  ['', 'there is no statement'],
  [' ; -- nothing', 'there is no statement'],
  ['select 1; select 2', 'several statements'],
  ["select 'a'; drop table t", 'several statements'],
  ['delete from t', '`DELETE` is not a query'],
  ['/* select */ update t set a = 1', '`UPDATE` is not a query'],
  ['pragma user_version = 3', '`PRAGMA` is not a query'],
  ['commit', '`COMMIT` is not a query'],
])('refuses %s', (sql, reason) => {
  for (const dialect of DIALECTS)
    expect(readStatement(sql, dialect)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
});

test('each kind of database quotes in its own ways', () => {
  expect(readStatement('select [a;b], `c;d` from t', 'sqlite').ok).toBe(true);
  expect(readStatement('select [a;b] from t', 'postgresql').ok).toBe(false);
  expect(readStatement('select $x$ a; b $x$, $$;$$', 'postgresql').ok).toBe(true);
  expect(readStatement("select E'it\\'s; fine'", 'postgresql').ok).toBe(true);
  expect(readStatement("select E'a\\'; drop table t", 'postgresql').ok).toBe(false);
});
