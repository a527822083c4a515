import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LastLines } from '../../src/topology/last-lines.ts';
import { LineSplitter } from '../../src/topology/line-splitter.ts';
import { logPath, MAX_LINE_LENGTH, parseLogLine } from '../../src/topology/log-format.ts';
import { type LogQuery, readLogs } from '../../src/topology/read-logs.ts';
import { errorFrom, freePort, own, programs, temporaryFolder, trial, until } from './support.ts';

const splitAll = (limit: number, ...chunks: readonly (string | Buffer)[]) => {
  const splitter = new LineSplitter(limit);
  const lines = chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk)));
  return [...lines, ...splitter.end()];
};

test('lines are put together across chunks, also where a chunk cuts a character', () => {
  const euro = Buffer.from('€');
  expect(splitAll(100, 'a', 'b\nc\r\n\n', euro.subarray(0, 1), euro.subarray(1), '\nlast')).toEqual([
    'ab',
    'c',
    '',
    '€',
    'last',
  ]);
});

test('a line beyond the limit is cut, and says how much is missing', () => {
  expect(splitAll(4, 'abc', 'defg', 'h\nnext\n')).toEqual(['abcd… [4 more characters cut]', 'next']);
});

test('the last lines keep room for stderr, in the order of arrival', () => {
  const last = new LastLines();
  last.add('stderr', ['the reason']);
  last.add(
    'stdout',
    Array.from({ length: 50 }, (_, index) => `out ${index}`),
  );
  expect(last.texts()).toHaveLength(20);
  expect(last.texts()[0]).toBe('the reason');
  expect(last.texts().at(-1)).toBe('out 49');
});

test('everything a service writes is in its log file, stamped line by line; a huge line is cut', async () => {
  const { start, plan } = trial([own('talker', 'talks.mjs', { port: await freePort() })]);
  const running = await start();
  await running.stop();
  const lines = readFileSync(logPath(plan.stateDir, 'talker'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(parseLogLine);
  expect(lines).toHaveLength(20_001);
  expect(lines.every((line) => line !== undefined && line.atMs > 0)).toBe(true);
  expect(lines[0]?.text).toMatch(/^x+… \[\d+ more characters cut\]$/);
  expect(lines[0]?.text.length).toBeLessThan(MAX_LINE_LENGTH + 50);
  expect(lines.at(-1)?.text).toBe('line 19999');
});

test('a listener that is slow holds the output back and loses none of it', async () => {
  const { plan, abort } = trial([own('talker', 'talks.mjs', { port: await freePort() })]);
  const { startTopology } = await import('../../src/topology/start-topology.ts');
  let received = 0;
  let atOnce = 0;
  let most = 0;
  const running = await startTopology(plan, {
    signal: abort.signal,
    watchdog: programs.watchdog,
    onEvent: async (event) => {
      if (event.type !== 'log-lines') return;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      received += event.lines.length;
      atOnce -= 1;
    },
  });
  await running.stop();
  expect(received).toBe(20_001);
  expect(most).toBe(1);
});

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function logFolder(files: Readonly<Record<string, string>>): string {
  const stateDir = temporaryFolder();
  mkdirSync(join(stateDir, 'logs'));
  for (const [service, text] of Object.entries(files)) writeFileSync(logPath(stateDir, service), text);
  return stateDir;
}

async function read(query: Partial<LogQuery> & Pick<LogQuery, 'stateDir' | 'services'>): Promise<string[]> {
  const lines: string[] = [];
  const { signal } = new AbortController();
  for await (const batch of readLogs({ follow: false, signal, ...query })) {
    lines.push(...batch.map(({ service, text }) => `${service}: ${text}`));
  }
  return lines;
}

test('logs of several services come in the order of time', async () => {
  const stateDir = logFolder({
    users: `${at(1)} one\n${at(4)} four\n`,
    orders: `${at(2)} two\n${at(3)} three\n${at(5)} five\n`,
  });
  expect(await read({ stateDir, services: ['users', 'orders', 'silent'] })).toEqual([
    'users: one',
    'orders: two',
    'orders: three',
    'users: four',
    'orders: five',
  ]);
});

test('logs can be limited to a time and to the last lines', async () => {
  const stateDir = logFolder({ users: `${at(1)} one\n${at(2)} two\n${at(3)} three\n` });
  const services = ['users'];
  expect(await read({ stateDir, services, sinceMs: Date.parse(at(2)) })).toEqual([
    'users: two',
    'users: three',
  ]);
  expect(await read({ stateDir, services, last: 1 })).toEqual(['users: three']);
  expect(await read({ stateDir, services, last: 0 })).toEqual([]);
});

test('following goes on with new lines and with the file of a new run', async () => {
  const stateDir = logFolder({ users: `${at(1)} one\n` });
  const file = logPath(stateDir, 'users');
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const batch of readLogs({
      stateDir,
      services: ['users'],
      follow: true,
      signal: stop.signal,
    })) {
      seen.push(...batch.map(({ text }) => text));
    }
  })();
  await until('the first line is read', () => seen.includes('one'));
  writeFileSync(file, `${at(2)} two\n${at(3)} thr`, { flag: 'a' });
  await until('the whole line is read', () => seen.includes('two'));
  writeFileSync(file, 'ee\n', { flag: 'a' });
  await until('the line is complete', () => seen.includes('three'));
  rmSync(file);
  writeFileSync(file, `${at(4)} a new run has begun and writes more than the old one did\n`.repeat(3));
  await until('the new file is read', () => seen.length === 6);
  stop.abort();
  await following;
  expect(seen.slice(0, 3)).toEqual(['one', 'two', 'three']);
});

test('a name cannot lead out of the log folder', () => {
  expect(logPath('/state', '../../etc/passwd')).toBe('/state/logs/..%2F..%2Fetc%2Fpasswd.log');
  expect(existsSync('/state')).toBe(false);
});

test('a log that cannot be read is reported with its place', async () => {
  const stateDir = temporaryFolder();
  const path = logPath(stateDir, 'users');
  mkdirSync(path, { recursive: true });
  const { signal } = new AbortController();
  const lines = readLogs({ stateDir, services: ['users'], follow: false, signal });
  const error = await errorFrom(lines.next());
  expect(error).toMatchObject({ code: 'state-unusable', exitCode: 3 });
  expect(error.message).toContain(path);
});
