import { expect, test } from 'vitest';
import { rowsTable } from '../../src/cli/rows-table.ts';

const table = (rows: readonly (readonly (string | number | null)[])[], width?: number) =>
  rowsTable(
    { columns: ['id', 'name', 'note'], rows, isCut: false },
    { color: false, ...(width === undefined ? {} : { width }) },
  );

test('numbers stand to the right, texts to the left, and nothing is NULL', () => {
  expect(
    table([
      [1, 'ann', null],
      [200, 'benjamin', 'x'],
    ]),
  ).toBe(' id  name      note\n  1  ann       NULL\n200  benjamin  x\n');
});

test('the widest columns are cut until a line fits the terminal', () => {
  const text = table([[1, 'a'.repeat(30), 'b'.repeat(50)]], 40);
  expect(text.split('\n')[1]).toBe(` 1  ${'a'.repeat(16)}…  ${'b'.repeat(16)}…`);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  expect(table([[1, 'ann', 'b'.repeat(50)]], 30)).toBe(`id  name  note\n 1  ann   ${'b'.repeat(19)}…\n`);
});

test('a cell cannot move the cursor or break its line', () => {
  expect(table([[1, 'a\u001b[2Jb', 'c\nd']])).toContain('a\\u001b[2Jb  c\\u000ad');
});
