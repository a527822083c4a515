import { expect, test } from 'vitest';
import { logPrinter } from '../../src/cli/log-printer.ts';

test('colours of a service end with its line', () => {
  const line = logPrinter(['users'], true)('users', '\u001b[31mred');
  expect(line.endsWith('\u001b[31mred\u001b[0m\n')).toBe(true);
});

test('colours of a service are left out where none are wanted', () => {
  expect(logPrinter(['users'], false)('users', '\u001b[2J\u001b[31mred')).toBe('users | red\n');
});
