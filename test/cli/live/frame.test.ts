import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { type FrameStyle, frame } from '../../../src/cli/live/frame.ts';
import { reduce } from '../../../src/cli/live/live-state.ts';
import { textWidth } from '../../../src/cli/text-width.ts';
import { NOW_MS, row, stateOf } from './live-rows.ts';

const style: FrameStyle = { width: 80, height: 24, color: false, nowMs: NOW_MS, facts: new Map() };
const two = [row('users'), row('orders', { state: 'stopped', pid: undefined, port: 8002 } as object)];
const many = Array.from({ length: 30 }, (_, index) => row(`service-${index}`));

test('heading, table with the selected service marked, keys', () => {
  expect(frame(stateOf([row('users'), row('orders', { state: 'unhealthy' })]), style)).toEqual([
    '── shop: 1 service ready, orders unhealthy ────────────────────────────────────',
    '  SERVICE  STATE      PORT   PID    UPTIME   CPU    RSS  RESTARTS',
    '> users    ready      8001  4711  1 m 01 s  1.3%  48 MB         0',
    '  orders   unhealthy  8001  4711  1 m 01 s  1.3%  48 MB         0',
    '↑↓ select  l only its logs  r restart  s stop  h detail  ? help  q stop all',
  ]);
});

test('the filter, what goes on and what `s` does are told; attached, `q` detaches', () => {
  const state = stateOf(two, { selected: 'orders', logsOf: 'orders', isAttached: true });
  const asked = reduce(state, { type: 'asked', operation: 'start', service: 'orders' });
  const lines = frame(asked, { ...style, width: 100 });
  expect(lines[0]).toMatch(/^── only logs of orders ── shop: 1 service ready, orders stopped ─+$/);
  expect(lines.at(-2)).toBe('starting orders…');
  expect(lines.at(-1)).toBe('↑↓ select  l all logs  r restart  s start  h detail  ? help  q detach');
});

test('a refusal is one line, without what could drive the terminal', () => {
  const words = `it ${'cannot '.repeat(20)}\n\u001b[2Jbe done`;
  const lines = frame(reduce(stateOf(two), { type: 'refused', service: 'users', words }), style);
  expect(lines.at(-2)).toMatch(/^it cannot .*…$/);
  expect(lines.join('')).not.toContain('\u001b');
});

test('detail says what is known, and nothing of what is not', () => {
  const broken = row('orders', {
    state: 'unhealthy',
    reason: 'answered with status 500',
    needs: ['users', 'mail'],
    waitsFor: ['users'],
    exit: { code: 7 },
    restarts: 2,
    logFile: '/p/.shopctl/logs/orders.log',
  });
  const state = stateOf([row('users', { state: 'stopped' }), broken], {
    selected: 'orders',
    panel: 'detail',
  });
  const facts = new Map([['orders', { probe: 'http /health', command: 'node orders.js' }]]);
  const lines = frame(state, { ...style, facts });
  expect(lines[1]).toMatch(/^state {6}orders is unhealthy since \d\d:\d\d:\d\d \(1 m 00 s\)$/);
  expect(lines.slice(2, 10)).toEqual([
    'probe      http /health: it answered with status 500',
    'needs      users (stopped), mail (not part of this run)',
    'waits for  users',
    'last end   exit code 7',
    'restarts   2',
    'url        http://127.0.0.1:8001',
    'log        /p/.shopctl/logs/orders.log',
    'command    node orders.js',
  ]);
  const plain = frame(stateOf([row('mail')], { panel: 'detail' }), style);
  expect(plain.slice(1, 4).map((line) => line.split(' ')[0])).toEqual(['state', 'url', '']);
});

test('many services: a window around the selected one, and how many there are besides', () => {
  const middle = frame(stateOf(many, { selected: 'service-15' }), { ...style, height: 12 });
  expect(middle.map((line) => line.slice(0, 12).trimEnd())).toEqual([
    '── shop: 30',
    '  SERVICE',
    '  … 13 more',
    '  service-13',
    '  service-14',
    '> service-15',
    '  service-16',
    '  service-17',
    '  … 12 more',
    '↑↓ select  l',
  ]);
  const first = frame(stateOf(many), { ...style, height: 12 });
  expect(first.at(-2)).toBe('  … 24 more');
  const last = frame(stateOf(many, { selected: 'service-29' }), { ...style, height: 12 });
  expect(last[2]).toBe('  … 24 more');
  expect(last.at(-2)).toMatch(/^> service-29/);
});

const sizes = [1, 2, 3, 5, 8, 12, 20, 24, 27, 40, 59, 60, 80, 200];
const everySize = sizes.flatMap((width) => sizes.map((height) => ({ width, height })));

test.each([
  ['none', 'service-0', true],
  ['none', 'service-29', false],
  ['detail', 'service-7', true],
  ['detail', 'service-15', false],
  ['help', 'service-28', true],
  ['help', 'service-3', false],
] as const)(
  'with the panel %s and %s selected no frame is larger than its terminal, and holds that service (colours: %s)',
  (panel, selected, color) => {
    const refusal = color ? undefined : 'it cannot be done';
    const state = stateOf(many, { panel, selected, refusal });
    for (const size of everySize) {
      const lines = frame(state, { ...style, ...size, color }).map((line) => stripVTControlCharacters(line));
      expect(lines.length).toBeLessThanOrEqual(Math.max(1, size.height - 1));
      expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(Math.max(1, size.width - 1));
      // With one column there is room for the ellipsis only.
      if (size.width > 3) expect(lines.filter((line) => line.startsWith('>'))).toHaveLength(1);
    }
  },
);

test('at 60 columns the table leaves out what has no room, and the keys that matter most stay', () => {
  expect(frame(stateOf(two), { ...style, width: 60 })).toEqual([
    '── shop: 1 service ready, orders stopped ──────────────────',
    '  SERVICE  STATE    PORT   PID    UPTIME   CPU    RSS',
    '> users    ready    8001  4711  1 m 01 s  1.3%  48 MB',
    '  orders   stopped  8002     -  1 m 01 s  1.3%  48 MB',
    'l only its logs  r restart  s stop  ? help  q stop all',
  ]);
  expect(frame(stateOf(two), { ...style, width: 30 }).at(-1)).toBe('s stop  ? help  q stop all');
});
