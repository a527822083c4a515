import { expect, test } from 'vitest';
import { processTable } from '../../src/topology/platform.ts';
import { familyOf, mayStemFrom } from '../../src/topology/process-table.ts';
import { parseListeners, parseProcesses } from '../../src/topology/process-table-macos.ts';
import { listenOn } from './support.ts';

test('this process is found with its group, parent and start', async () => {
  const self = await processTable().find(process.pid);
  expect(self).toMatchObject({ pid: process.pid, parentPid: process.ppid, zombie: false });
  expect(await processTable().find(process.pid)).toEqual(self);
  expect(await processTable().find(999_999_999)).toBeUndefined();
});

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['::', '::'],
  ['::1', '::1'],
])('a listener on %s is found with its address and its process', async (host, address) => {
  const { port, close } = await listenOn(0, host);
  const listeners = await processTable().listeners(port);
  await close();
  expect(listeners).toMatchObject([{ address, pids: [process.pid] }]);
  expect(await processTable().listeners(port)).toEqual([]);
});

test('looking among other processes leaves the holder of a socket open', async () => {
  const { port, close } = await listenOn(0);
  expect(await processTable().listeners(port, [process.ppid])).toMatchObject([{ pids: [] }]);
  await close();
});

test('a family is the group and all descendants, in whatever order they are listed', () => {
  const entry = (pid: number, parentPid: number, pgid: number) => ({
    pid,
    parentPid,
    pgid,
    zombie: false,
    startTime: '1.boot',
  });
  const all = [entry(13, 12, 13), entry(12, 11, 12), entry(11, 1, 11), entry(20, 1, 11), entry(30, 1, 30)];
  expect(familyOf(11, all).sort()).toEqual([11, 12, 13, 20]);
});

test('a process stems from an earlier one of the same boot only', () => {
  expect(mayStemFrom('20.aaaa', '10.aaaa')).toBe(true);
  expect(mayStemFrom('5.aaaa', '10.aaaa')).toBe(false);
  expect(mayStemFrom('20.bbbb', '10.aaaa')).toBe(false);
});

test('what ps prints on macOS is read', () => {
  const text =
    '  501     1   501 Ss   Sat Nov 21 10:36:58 2026\n  777   501   501 Z    Sat Nov 21 10:37:00 2026\n';
  const startTime = (time: string) => `${Date.parse(`2026-11-21T${time}`) / 1_000}.macos`;
  expect(parseProcesses(text)).toEqual([
    { pid: 501, parentPid: 1, pgid: 501, zombie: false, startTime: startTime('10:36:58') },
    { pid: 777, parentPid: 501, pgid: 501, zombie: true, startTime: startTime('10:37:00') },
  ]);
});

test('what lsof prints on macOS is read', () => {
  expect(parseListeners('p501\nu502\nf20\nn*:5002\np777\nu502\nf21\nn*:5002\nf22\nn[::1]:5002\n')).toEqual([
    { address: '::', uid: 502, pids: [501, 777] },
    { address: '::1', uid: 502, pids: [777] },
  ]);
});
