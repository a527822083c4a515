import { expect, test } from 'vitest';
import { localTime } from '../../src/cli/local-time.ts';
import { logPattern } from '../../src/cli/log-filter-words.ts';
import { logPrinter } from '../../src/cli/log-printer.ts';
import { safeText } from '../../src/lib/safe-text.ts';

const line = (text: string) => ({ text, atMs: 0 });
const plain = { color: false };
const json = (data: object) => line(JSON.stringify(data));

test('colours of a service end with its line', () => {
  const shown = logPrinter(['users'], { color: true })('users', line('\u001b[31mred'));
  expect(shown.endsWith('\u001b[31mred\u001b[0m\n')).toBe(true);
});

test('colours of a service are left out where none are wanted', () => {
  expect(logPrinter(['users'], plain)('users', line('\u001b[2J\u001b[31mred'))).toBe('users | red\n');
});

test('a structured line is shown as time, level, message and the rest', () => {
  const at = new Date();
  const shown = logPrinter(['users'], plain)(
    'users',
    json({
      level: 40,
      time: at.getTime(),
      pid: 1,
      hostname: 'h',
      service: 'users',
      msg: 'slow',
      ms: 12,
      q: 'a b',
      o: { x: 1 },
    }),
  );
  expect(shown).toBe(`users | ${localTime(at.getTime(), at.getTime())} WARN  slow ms=12 q="a b" o={"x":1}\n`);
});

test('a stack stands below its line, indented, each line with the name of its service', () => {
  const stack = 'Error: boom\n    at f\n    at g';
  const shown = logPrinter(['a', 'users'], plain)(
    'a',
    json({ time: Date.now(), level: 50, msg: 'no', err: { stack } }),
  );
  expect(shown.split('\n').slice(1)).toEqual([
    'a     |     Error: boom',
    'a     |         at f',
    'a     |         at g',
    '',
  ]);
});

test('what an escaped control character of a structured line would do is left out', () => {
  const shown = logPrinter(['a'], { color: true, isTerminal: true })(
    'a',
    json({ msg: 'x\u001b[2Jy', 'k\u001b]0;t\u0007': 'v\u001b[5n', err: { stack: 'E\u001b[1A' } }),
  );
  expect(shown).not.toContain('\u001b[2J');
  expect(shown).not.toContain('\u001b]0');
  expect(shown).not.toContain('\u001b[5n');
  expect(shown).not.toContain('\u001b[1A');
});

test('a raw line goes to a pipe as it is, and to a terminal without what would drive it', () => {
  const text = '{"a":1} \u001b[2J\u001b[31mred\u0007';
  const raw = { color: false, raw: true };
  expect(logPrinter(['a'], raw)('a', line(text))).toBe(`${text}\n`);
  expect(logPrinter(['a'], { ...raw, isTerminal: true })('a', line(text))).toBe('{"a":1} red\n');
});

test('a time of another day has its date', () => {
  const now = new Date(2026, 0, 2, 12).getTime();
  expect(localTime(new Date(2026, 0, 2, 3, 4, 5, 6).getTime(), now)).toBe('03:04:05.006');
  expect(localTime(new Date(2026, 0, 1, 23, 0, 0, 0).getTime(), now)).toBe('2026-01-01 23:00:00.000');
});

test.each([
  ['a cursor movement', 'a\u001b[3Ab', 'ab'],
  ['a title', 'a\u001b]0;evil\u0007b', 'ab'],
  ['a title that ends otherwise', 'a\u001b]0;evil\u001b\\b', 'ab'],
  ['a title without an end', 'a\u001b]0;evil', 'a'],
  ['a link', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
  ['an 8-bit control sequence', 'a\u009b2Jb', 'ab'],
  ['a request for an answer', 'a\u001b[>cb', 'ab'],
  ['a character set', 'a\u001b(0b', 'ab'],
  ['a full reset', 'a\u001bcb', 'ab'],
  ['a bell, a backspace and a carriage return', 'a\u0007\u0008\rb', 'ab'],
  ['a turn of the direction of writing', 'a\u202eb', 'ab'],
  ['a lone escape', 'a\u001b', 'a'],
])('%s of a service does not reach the terminal', (_what, text, safe) => {
  expect(safeText(text, false)).toBe(safe);
  expect(safeText(text, true)).toBe(safe);
});

test('colours, tabs and all other characters stay', () => {
  const text = 'a\tü€漢😀 \u001b[38;5;1mred\u001b[0m';
  expect(safeText(text, true)).toBe(`${text}\u001b[0m`);
  expect(safeText(text, false)).toBe('a\tü€漢😀 red');
});

test.each([
  ['timeout', 'Timeout after', true],
  ['Timeout', 'timeout after', false],
  ['a.c', 'abc', false],
  ['/a.c/', 'abc', true],
  ['/A.C/', 'abc', false],
  ['/A.C/i', 'abc', true],
  ['/', 'a/b', true],
])('the pattern %s on %s: %s', (pattern, text, matches) => {
  expect(logPattern(pattern).test(text)).toBe(matches);
});

test.each(['', '/(/', '/a/g', '/a/x'])('the pattern %j is refused', (pattern) => {
  expect(() => logPattern(pattern)).toThrow();
});
