import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { type ServiceRow, statusTable } from '../../src/cli/status-table.ts';
import { frameOf } from '../../src/cli/status-watch.ts';
import { cutTo, fill, textWidth } from '../../src/cli/text-width.ts';

const nowMs = Date.UTC(2026, 0, 1, 12);
const since = new Date(nowMs - 65_000).toISOString();
const base = { kind: 'own', required: true, needs: [] } as const;
const rows: readonly ServiceRow[] = [
  {
    ...base,
    name: 'users',
    state: 'ready',
    port: 8_001,
    pid: 123_456,
    url: 'http://127.0.0.1:8001',
    since,
    cpuPercent: 0.34,
    rssBytes: 46_428_160,
    uptimeMs: 65_000,
  },
  {
    ...base,
    name: 'a-service-with-a-long-name',
    state: 'restarting',
    port: 8_002,
    url: 'http://127.0.0.1:8002',
    since,
    restarts: 12,
  },
  { ...base, kind: 'foreign', name: 'mail', state: 'ready', url: 'https://mail.example.com/api/v1', since },
];

const widths = (table: string) => table.split('\n').map((line) => textWidth(stripVTControlCharacters(line)));

test('the table has a line per service, and numbers stand to the right', () => {
  expect(statusTable(rows, { color: false, nowMs }).split('\n')).toEqual([
    'SERVICE                     STATE       PORT     PID    UPTIME   CPU    RSS  RESTARTS  URL',
    'users                       ready       8001  123456  1 m 05 s  0.3%  46 MB         0  http://127.0.0.1:8001',
    'a-service-with-a-long-name  restarting  8002       -         -     -      -        12  http://127.0.0.1:8002',
    'mail                        ready          -       -  1 m 05 s     -      -         0  https://mail.example.com/api/v1',
  ]);
});

test('with less room addresses are cut, then columns go, those of least importance first', () => {
  const titles = (width: number) => statusTable(rows, { width, color: false, nowMs }).split('\n')[0];
  expect(statusTable(rows, { width: 110, color: false, nowMs })).toContain('https://mail.example.c…');
  expect(titles(100)).toMatch(/RESTARTS$/);
  expect(titles(80)).toMatch(/STATE +PORT +PID +UPTIME +CPU +RSS$/);
  expect(titles(60)).toMatch(/^SERVICE +STATE +CPU +RSS$/);
  expect(titles(40)).toMatch(/^SERVICE +STATE$/);
  expect(statusTable(rows, { width: 24, color: false, nowMs })).toContain('a-service-w…');
});

test.each([20, 40, 60, 61, 80, 100, 120])('no line is wider than %i columns', (width) => {
  for (const color of [true, false]) {
    expect(Math.max(...widths(statusTable(rows, { width, color, nowMs })))).toBeLessThanOrEqual(width);
  }
});

test('states are coloured, and nothing is where colours are off', () => {
  expect(statusTable(rows, { color: true, nowMs })).toContain('\u001b[32mready     \u001b[0m');
  expect(statusTable(rows, { color: true, nowMs })).toContain('\u001b[33mrestarting\u001b[0m');
  expect(statusTable(rows, { color: false, nowMs })).not.toContain('\u001b');
});

test('no service is a table as well', () => {
  expect(statusTable([], { color: false, nowMs, width: 60 })).toContain('SERVICE');
});

test('wide characters count twice, marks not at all', () => {
  expect(textWidth('漢字')).toBe(4);
  expect(textWidth('e\u0301😀')).toBe(3);
  expect(cutTo('漢字漢字', 5)).toBe('漢字…');
  expect(fill('漢', 4, 'right')).toBe('漢  ');
  expect(cutTo('abc', 3)).toBe('abc');
  expect(cutTo('abcd', 3)).toBe('ab…');
});

test('a frame keeps to its screen', () => {
  const text = ['a long headline', 'one', 'two', 'three', 'four'].join('\n');
  const lines = frameOf(text, { width: 8, height: 4 }).split('\u001b[K');
  expect(lines.map((line) => line.trim())).toEqual(['a long …', 'one', '… 3 mor…', '']);
});
