import { expect, test } from 'vitest';
import { logPrinter } from '../../src/cli/log-printer.ts';

const line = (text: string) => ({ text, atMs: 0 });

test('colours of a service end with its line', () => {
  const shown = logPrinter(['users'], { color: true })('users', line('\u001b[31mred'));
  expect(shown.endsWith('\u001b[31mred\u001b[0m\n')).toBe(true);
});

test('colours of a service are left out where none are wanted', () => {
  expect(logPrinter(['users'], { color: false })('users', line('\u001b[2J\u001b[31mred'))).toBe(
    'users | red\n',
  );
});
