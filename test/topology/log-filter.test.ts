import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LogFilter } from '../../src/topology/log-filter.ts';
import { logPath } from '../../src/topology/log-format.ts';
import { type LogQuery, readLogs } from '../../src/topology/read-logs.ts';
import { temporaryFolder } from './support.ts';

const stamp = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();

function logFolder(files: Readonly<Record<string, string>>): string {
  const stateDir = temporaryFolder();
  mkdirSync(join(stateDir, 'logs'));
  for (const [service, text] of Object.entries(files)) writeFileSync(logPath(stateDir, service), text);
  return stateDir;
}

async function read(
  stateDir: string,
  services: readonly string[],
  query: Partial<LogQuery> = {},
): Promise<string[]> {
  const lines: string[] = [];
  const { signal } = new AbortController();
  for await (const batch of readLogs({ stateDir, services, follow: false, signal, ...query })) {
    lines.push(...batch.map(({ service, text }) => `${service}: ${text}`));
  }
  return lines;
}

const mixed = [
  `${stamp(0)} {"level":30,"msg":"in","request_id":"req-1"}`,
  `${stamp(1)} {"level":"warn","msg":"slow","request_id":"req-12","trace":{"id":"abc"}}`,
  `${stamp(2)}!Error: boom`,
  `${stamp(2)}!    at f (a.js:1)`,
  `${stamp(1_000)} DEBUG about req-1`,
  `${stamp(1_001)} plain about \u001b[31mred\u001b[0m things`,
  '',
].join('\n');

const filters: readonly (readonly [string, LogFilter, readonly number[]])[] = [
  ['a level and what is graver; a stack on stderr is an error, whole', { level: 'warn' }, [1, 2, 3]],
  ['errors only', { level: 'error' }, [2, 3]],
  ['everything down to debug', { level: 'debug' }, [0, 1, 2, 3, 4, 5]],
  ['a request, in JSON and as a whole word of text', { requestId: 'req-1' }, [0, 4]],
  ['a trace in a nested object', { requestId: 'abc' }, [1]],
  ['a text that stands between colours', { grep: /about red things/ }, [5]],
  ['a text in a single line of a stack', { grep: /a\.js/ }, [3]],
  ['several of them together', { level: 'info', requestId: 'req-1' }, [0]],
];

test.each(filters)('logs can be filtered by %s', async (_what, filter, expected) => {
  const stateDir = logFolder({ api: mixed });
  const all = await read(stateDir, ['api']);
  const wanted = expected.map((index) => all[index]);
  expect(await read(stateDir, ['api'], { filter })).toEqual(wanted);
  expect(await read(stateDir, ['api'], { filter, last: 100 })).toEqual(wanted);
  expect(await read(stateDir, ['api'], { filter, last: 1 })).toEqual(wanted.slice(-1));
});

test('the last lines are counted after filtering, across services and files that were put aside', async () => {
  const line = (service: string, index: number) =>
    `${stamp(index)} ${service} ${index} ${index % 10 === 0 ? 'tenth' : 'other'}\n`;
  const stateDir = logFolder({ api: '', web: '' });
  for (let index = 0; index < 30_000; index += 1) {
    if (index % 10_000 === 0 && index > 0) {
      for (const service of ['api', 'web']) {
        const path = logPath(stateDir, service);
        writeFileSync(`${path}.${index / 10_000}`, pending[service] ?? '');
        pending[service] = '';
      }
    }
    const service = index % 3 === 0 ? 'api' : 'web';
    pending[service] = (pending[service] ?? '') + line(service, index);
  }
  for (const service of ['api', 'web']) appendFileSync(logPath(stateDir, service), pending[service] ?? '');
  const filter = { grep: /tenth/ };
  const all = await read(stateDir, ['api', 'web'], { filter });
  expect(all).toHaveLength(3_000);
  for (const last of [1, 7, 2_999, 3_000, 5_000]) {
    expect(await read(stateDir, ['api', 'web'], { filter, last })).toEqual(all.slice(-last));
  }
  expect(await read(stateDir, ['api', 'web'], { filter, last: 0 })).toEqual([]);
  const whole = await read(stateDir, ['api', 'web']);
  expect(whole).toHaveLength(30_000);
  expect(await read(stateDir, ['api', 'web'], { last: 12_345 })).toEqual(whole.slice(-12_345));
});
const pending: Record<string, string> = {};

test('of a line that is being written at this moment nothing is counted', async () => {
  const stateDir = logFolder({ api: `${stamp(0)} one\n${stamp(1)} two\n${stamp(2)} thr` });
  expect(await read(stateDir, ['api'], { last: 1 })).toEqual(['api: two']);
});

test('a stack stays together, whatever other services write meanwhile', async () => {
  const stateDir = logFolder({
    api: `${stamp(0)}!Error: boom\n${stamp(2)}!    at f\n${stamp(4)}!    at g\n${stamp(6)} next\n`,
    web: `${stamp(1)} one\n${stamp(3)} two\n${stamp(5)} three\n`,
  });
  expect(await read(stateDir, ['web', 'api'])).toEqual([
    'api: Error: boom',
    'api:     at f',
    'api:     at g',
    'web: one',
    'web: two',
    'web: three',
    'api: next',
  ]);
});

test('an indented line that comes much later is one of its own', async () => {
  const stateDir = logFolder({
    api: `${stamp(0)} one\n${stamp(5_000)}   three\n`,
    web: `${stamp(1_000)} two\n`,
  });
  expect(await read(stateDir, ['api', 'web'])).toEqual(['api: one', 'web: two', 'api:   three']);
});

test('lines with equal times stay in the order of their service', async () => {
  const lines = (name: string) => [0, 1, 2].map((index) => `${stamp(5)} ${name}${index}\n`).join('');
  const stateDir = logFolder({ a: lines('a'), b: `${stamp(4)} first\n${lines('b')}` });
  expect(await read(stateDir, ['a', 'b'])).toEqual([
    'b: first',
    'b: b0',
    'b: b1',
    'b: b2',
    'a: a0',
    'a: a1',
    'a: a2',
  ]);
});
