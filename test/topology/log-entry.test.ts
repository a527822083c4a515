import { expect, test } from 'vitest';
import { parseEntry } from '../../src/topology/log-entry.ts';

const at = Date.UTC(2026, 0, 1, 12, 0, 0, 123);
const iso = '2026-01-01T12:00:00.123Z';

const lines: readonly (readonly [string, object, object])[] = [
  [
    'pino',
    { level: 30, time: at, pid: 1, msg: 'in', reqId: 'r1' },
    { level: 'info', atMs: at, message: 'in', requestIds: ['r1'], fields: { pid: 1, reqId: 'r1' } },
  ],
  ['bunyan', { name: 'a', level: 50, time: iso, msg: 'x', v: 0 }, { level: 'error', atMs: at, message: 'x' }],
  [
    'zap',
    { level: 'dpanic', ts: at / 1_000, msg: 'x', stacktrace: 'main.f\n\ta.go:1' },
    { level: 'fatal', atMs: at, stack: 'main.f\n\ta.go:1' },
  ],
  [
    'zerolog',
    { level: 'trace', time: Math.floor(at / 1_000), message: 'x' },
    { level: 'trace', message: 'x' },
  ],
  [
    'slog',
    { time: iso, level: 'WARN', msg: 'x', request: { id: 'r9' } },
    { level: 'warn', requestIds: ['r9'] },
  ],
  [
    'python-json-logger',
    {
      asctime: '2026-01-01 12:00:00,123',
      levelname: 'CRITICAL',
      message: 'x',
      exc_info: 'Traceback:\n  at y',
    },
    { level: 'fatal', message: 'x', stack: 'Traceback:\n  at y' },
  ],
  ['python numbers', { levelno: 30, message: 'x' }, { level: 'warn' }],
  ['logstash', { '@timestamp': iso, severity: 'NOTICE', message: 'x' }, { level: 'info', atMs: at }],
  ['GELF', { level: 3, timestamp: at / 1_000, message: 'x' }, { level: 'error', atMs: at }],
  ['nanoseconds', { ts: `${at}000000`, msg: 'x' }, { atMs: at }],
  [
    'an error object',
    {
      level: 50,
      msg: 'failed',
      err: { type: 'Error', message: 'boom', stack: 'Error: boom\n  at f', code: 'E1' },
    },
    { message: 'failed', stack: 'Error: boom\n  at f', fields: { 'err.code': 'E1' } },
  ],
  ['an error and no message', { level: 50, err: { message: 'boom' } }, { message: 'boom', fields: {} }],
  [
    'an error in a word',
    { msg: 'failed', error: 'no route' },
    { message: 'failed', fields: { error: 'no route' } },
  ],
  [
    'a W3C trace',
    { msg: 'x', headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' } },
    { requestIds: ['4bf92f3577b34da6a3ce929d0e0e4736'] },
  ],
  ['nothing that is known', { a: 1 }, { message: '', fields: { a: 1 } }],
];

test.each(lines)('a line of %s is understood', (_logger, line, entry) => {
  expect(parseEntry(JSON.stringify(line))).toMatchObject({ isJson: true, ...entry });
});

test.each(['{not json}', '[1,2]', '"text"', '', '{"a":'])('%s is text', (text) => {
  expect(parseEntry(text)).toMatchObject({ isJson: false, message: text, fields: {} });
});

test.each([
  ['error: no', 'error'],
  ['[warn] no', 'warn'],
  ['2026-01-01 12:00:00 INFO up', 'info'],
  ['\u001b[31mERROR\u001b[0m no', 'error'],
  ['error handling is on', undefined],
  ['no errors', undefined],
  [`${'x'.repeat(100)} ERROR`, undefined],
])('the level of the text %j is %s', (text, level) => {
  expect(parseEntry(text).level).toBe(level);
});
