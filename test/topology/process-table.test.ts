import { realpathSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { processTable } from '../../src/topology/platform.ts';
import { familyOf, mayStemFrom } from '../../src/topology/process-table.ts';
import { listenOn, until } from './support.ts';

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

test('the ports of a process are found, whatever they are bound to, and of others none', async () => {
  const listeners = await Promise.all(['127.0.0.1', '::1', '0.0.0.0'].map((host) => listenOn(0, host)));
  const ports = listeners.map(({ port }) => port);
  const found = await processTable().portsOf([process.pid]);
  expect(found).toEqual(expect.arrayContaining(ports));
  expect(found).toEqual([...found].sort((one, other) => one - other));
  const ofParent = await processTable().portsOf([process.ppid]);
  expect(ofParent.filter((port) => ports.includes(port))).toEqual([]);
  await Promise.all(listeners.map(({ close }) => close()));
  const later = await processTable().portsOf([process.pid]);
  expect(later.filter((port) => ports.includes(port))).toEqual([]);
  expect(await processTable().portsOf([])).toEqual([]);
});

test('what this process was started as is known', async () => {
  const program = await processTable().program(process.pid);
  expect(program).toMatchObject({
    uid: process.getuid?.(),
    executable: realpathSync(process.execPath),
    cwd: process.cwd(),
  });
  expect(program?.words[0]).toContain('node');
  expect(await processTable().program(999_999_999)).toBeUndefined();
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

test('of many sockets that listen each is found', async () => {
  const table = processTable();
  const servers = await Promise.all(Array.from({ length: 40 }, () => listenOn(0)));
  const ports = servers.map(({ port }) => port);
  const heard = await table.heard();
  const holders = await Promise.all(ports.map((port) => table.listeners(port, [process.pid])));
  await Promise.all(servers.map(({ close }) => close()));
  expect(ports.filter((port) => heard?.has(port) === false)).toEqual([]);
  expect(holders.map(([listener]) => listener?.pids)).toEqual(ports.map(() => [process.pid]));
});

test('that something listens is seen soon, by whoever asks', async () => {
  const table = processTable();
  const server = await listenOn(0);
  onTestFinished(server.close);
  await until('it is seen', () => table.mayListen(server.port));
});

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['::', '127.0.0.1'],
  ['::', '::1'],
  ['::1', '::1'],
])(
  'of a socket on %s it is known that this process answers with it on %s, and no other',
  async (host, address) => {
    const table = processTable();
    const { port, close } = await listenOn(0, host);
    onTestFinished(close);
    // Where it takes more than a look at the process itself, nothing is claimed.
    expect(await table.answersOn(process.pid, { address, port })).toBe(process.platform === 'linux');
    expect(await table.answersOn(process.ppid, { address, port })).toBe(false);
  },
);

test('nobody answers with a socket on another address, or where nobody listens', async () => {
  const table = processTable();
  const { port, close } = await listenOn(0, '127.0.0.1');
  expect(await table.answersOn(process.pid, { address: '127.0.0.2', port })).toBe(false);
  expect(await table.answersOn(process.pid, { address: '::1', port })).toBe(false);
  await close();
  expect(await table.answersOn(process.pid, { address: '127.0.0.1', port })).toBe(false);
});
