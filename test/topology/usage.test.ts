import { expect, test } from 'vitest';
import { readUsage, sumOf } from '../../src/topology/usage.ts';
import { parseStat } from '../../src/topology/usage-linux.ts';
import { parseUsage } from '../../src/topology/usage-macos.ts';
import { own, pidOf, trial, until } from './support.ts';

const one = (pid: number, parentPid: number, pgid: number) => ({
  pid,
  parentPid,
  pgid,
  cpuMs: 10,
  rssBytes: 1_000,
  ageMs: pid,
});

test('a service is its main process, its group, and what descends from either', () => {
  const all = [one(7, 1, 7), one(8, 7, 7), one(9, 8, 9), one(10, 1, 7), one(11, 1, 11)];
  expect(sumOf(7, all)).toEqual({ pid: 7, cpuMs: 40, rssBytes: 4_000, ageMs: 7 });
  expect(sumOf(12, all)).toBeUndefined();
});

test('a line of /proc/PID/stat is read, whatever the program is called', () => {
  const stat = `42 (a) b (c) S 7 40 40 0 -1 4194560 1 2 3 4 150 50 9 9 20 0 11 0 1000 999 10 1 1`;
  const [entry] = parseStat(stat, 30_000);
  expect(entry).toMatchObject({ pid: 42, parentPid: 7, pgid: 40, cpuMs: 2_000, ageMs: 20_000 });
  expect((entry?.rssBytes ?? 0) % 10).toBe(0);
  expect(entry?.rssBytes).toBeGreaterThanOrEqual(40_960);
  expect(parseStat(stat.replace(' S ', ' Z '), 30_000)).toEqual([]);
});

test('lines of ps are read', () => {
  const text =
    '    1     0     1   2048   0:01.50  01-02:03:04\n  200     1   200  10240  61:00.00     05:06\n\n';
  expect(parseUsage(text)).toEqual([
    { pid: 1, parentPid: 0, pgid: 1, rssBytes: 2_097_152, cpuMs: 1_500, ageMs: 93_784_000 },
    { pid: 200, parentPid: 1, pgid: 200, rssBytes: 10_485_760, cpuMs: 3_660_000, ageMs: 306_000 },
  ]);
});

test('what runs uses memory, and what works uses CPU', async () => {
  const { start } = trial([own('busy', 'stays-busy.mjs')]);
  const running = await start();
  const pid = pidOf(running, 'busy');
  const services = [{ name: 'busy', pid }, { name: 'gone' }];
  await until('it has used CPU', async () => ((await readUsage(services)).get('busy')?.cpuMs ?? 0) >= 100);
  const usage = await readUsage(services);
  expect(usage.get('busy')?.rssBytes).toBeGreaterThan(10_000_000);
  expect(usage.get('busy')?.ageMs).toBeGreaterThan(0);
  expect(usage.has('gone')).toBe(false);
});
