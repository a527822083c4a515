import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  COMMAND_COLUMNS,
  FOLDER_FIELDS,
  LISTENER_FIELDS,
  PROCESS_COLUMNS,
  parseFolderAndExecutable,
  parseListeners,
  parseOwnerAndWords,
  parsePorts,
  parseProcesses,
} from '../../src/topology/macos-output.ts';
import { mayStemFrom } from '../../src/topology/process-table.ts';
import { listenOn } from './support.ts';

test('processes of ps are read with group, parent, state and start', () => {
  const text = [
    '    1     0     1 Ss   Fri Nov  6 08:01:02 2026    ',
    '  501     1   501 S+   Sat Nov 21 10:36:58 2026    ',
    '  777   501   501 Z    Sat Nov 21 10:37:00 2026    ',
    '12345   501 12345 R<N+ Sun Mar  1 00:00:00 2026    ',
    '',
  ].join('\n');
  const at = (time: string) => `${Date.parse(time) / 1_000}.macos`;
  expect(parseProcesses(text)).toEqual([
    { pid: 1, parentPid: 0, pgid: 1, zombie: false, startTime: at('2026-11-06T08:01:02Z') },
    { pid: 501, parentPid: 1, pgid: 501, zombie: false, startTime: at('2026-11-21T10:36:58Z') },
    { pid: 777, parentPid: 501, pgid: 501, zombie: true, startTime: at('2026-11-21T10:37:00Z') },
    { pid: 12345, parentPid: 501, pgid: 12345, zombie: false, startTime: at('2026-03-01T00:00:00Z') },
  ]);
});

test.each(['', '\n', 'ps: illegal option -- o\n', '  501 1 501 S+\n', '501 1 501 S+ no time at all\n'])(
  'of %j no process is made up',
  (text) => {
    expect(parseProcesses(text)).toEqual([]);
  },
);

/** One server on both families, as Node listens without a host, and its two workers, which hold its socket too. */
const CLUSTER = `p501
u502
f21
tIPv6
d0x6d4d8f0a1c2b3e4f
n*:5002
p502
u502
f18
tIPv6
d0x6d4d8f0a1c2b3e4f
n*:5002
`;

/** One program with a socket for each of several addresses. */
const SEVERAL = `p777
u503
f7
tIPv4
d0x1111111111111111
n127.0.0.1:5002
f8
tIPv6
d0x2222222222222222
n[::1]:5002
f9
tIPv4
d0x3333333333333333
n*:5002
f10
tIPv6
d0x4444444444444444
n[fe80:1::1]:5003
`;

/** Two programs that share a port (SO_REUSEPORT), each with a socket of its own. */
const SHARED = `p11
u502
f3
tIPv4
d0xaaaaaaaaaaaaaaaa
n*:5002
p12
u502
f3
tIPv4
d0xbbbbbbbbbbbbbbbb
n*:5002
`;

test('a socket that several processes hold is one listener with all of them', () => {
  expect(parseListeners(CLUSTER)).toEqual([{ address: '::', uid: 502, pids: [501, 502] }]);
});

test('several listeners of one process are told apart by their addresses, of either family', () => {
  expect(parseListeners(SEVERAL)).toEqual([
    { address: '127.0.0.1', uid: 503, pids: [777] },
    { address: '::1', uid: 503, pids: [777] },
    { address: '0.0.0.0', uid: 503, pids: [777] },
    { address: 'fe80:1::1', uid: 503, pids: [777] },
  ]);
  expect(parsePorts(SEVERAL)).toEqual([5002, 5003]);
});

test('two sockets on one address and port are two listeners', () => {
  expect(parseListeners(SHARED)).toEqual([
    { address: '0.0.0.0', uid: 502, pids: [11] },
    { address: '0.0.0.0', uid: 502, pids: [12] },
  ]);
});

test('where nothing listens, nothing is made up', () => {
  expect(parseListeners('')).toEqual([]);
  expect(parseListeners('p501\nu502\nf21\ntIPv6\n')).toEqual([]);
  expect(parsePorts('p501\nu502\nf21\ntIPv4\nn*:*\n')).toEqual([]);
});

test('user and words of a command are read', () => {
  expect(parseOwnerAndWords('  501 /usr/local/bin/node server.js --port 5002\n')).toEqual({
    uid: 501,
    words: ['/usr/local/bin/node', 'server.js', '--port', '5002'],
  });
  expect(parseOwnerAndWords('')).toBeUndefined();
});

test('the program is the first of the mapped files, and names may hold blanks', () => {
  const text = `p501
fcwd
n/Users/ann/my shop
ftxt
n/opt/homebrew/Cellar/node/22.1.0/bin/node
ftxt
n/opt/homebrew/Cellar/icu4c/74.2/lib/libicudata.74.2.dylib
ftxt
n/usr/lib/dyld
`;
  expect(parseFolderAndExecutable(text)).toEqual({
    cwd: '/Users/ann/my shop',
    executable: '/opt/homebrew/Cellar/node/22.1.0/bin/node',
  });
  expect(parseFolderAndExecutable('')).toEqual({ cwd: undefined, executable: undefined });
});

/** The real programs, where they are. */
function has(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`]);
    return true;
  } catch {
    return false;
  }
}
const print = (program: string, args: readonly string[]) =>
  execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } });

test.runIf(has('lsof'))(
  'what lsof prints here is read: listeners of either family (needs lsof)',
  async () => {
    const four = await listenOn(0, '127.0.0.1');
    const six = await listenOn(four.port, '::1');
    const any = await listenOn(0, '0.0.0.0');
    const everything = await listenOn(0, '::');
    const listeners = (port: number) =>
      parseListeners(print('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', LISTENER_FIELDS]));
    const ours = { uid: process.getuid?.(), pids: [process.pid] };
    const byAddress = (one: { address: string }, other: { address: string }) =>
      one.address < other.address ? -1 : 1;
    expect([...listeners(four.port)].sort(byAddress)).toEqual([
      { address: '127.0.0.1', ...ours },
      { address: '::1', ...ours },
    ]);
    expect(listeners(any.port)).toEqual([{ address: '0.0.0.0', ...ours }]);
    expect(listeners(everything.port)).toEqual([{ address: '::', ...ours }]);
    const args = ['-nP', '-a', '-p', `${process.pid}`, '-iTCP', '-sTCP:LISTEN', LISTENER_FIELDS];
    expect(parsePorts(print('lsof', args))).toEqual(
      expect.arrayContaining([four.port, any.port, everything.port]),
    );
    await Promise.all([four, six, any, everything].map(({ close }) => close()));
  },
);

test.runIf(has('lsof'))('what lsof prints here is read: folder and program (needs lsof)', () => {
  const text = print('lsof', ['-a', '-p', `${process.pid}`, '-d', 'cwd,txt', FOLDER_FIELDS]);
  expect(parseFolderAndExecutable(text)).toEqual({
    cwd: process.cwd(),
    executable: realpathSync(process.execPath),
  });
});

test.runIf(has('ps'))('what ps prints here is read (needs ps)', () => {
  const processes = parseProcesses(print('ps', ['-ax', '-o', PROCESS_COLUMNS]));
  const byPid = (pid: number) => processes.find((entry) => entry.pid === pid);
  const [self, parent] = [byPid(process.pid), byPid(process.ppid)];
  expect(self).toMatchObject({ pid: process.pid, parentPid: process.ppid, zombie: false });
  expect(mayStemFrom(self?.startTime ?? '', parent?.startTime ?? '')).toBe(true);
  expect(mayStemFrom(parent?.startTime ?? '', '9999999999.macos')).toBe(false);
  const command = parseOwnerAndWords(print('ps', ['-ww', '-p', `${process.pid}`, '-o', COMMAND_COLUMNS]));
  expect(command?.uid).toBe(process.getuid?.());
});
