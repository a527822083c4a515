import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import {
  listeningSockets,
  portsHeard,
  portsOfSockets,
  socketsAnsweringOn,
  wasHeardLately,
} from './listening-sockets-linux.ts';
import type { Listener, ProcessEntry, ProcessTable, RunningProgram } from './process-table.ts';
import { bearsMark } from './run-mark.ts';

/** The process table out of /proc (man 5 proc). Reads are synchronous: /proc is memory, not disk. */
export const linuxProcessTable: ProcessTable = {
  find: async (pid) => readEntry(pid),
  list: async () =>
    allPids().flatMap((pid) => {
      const entry = readEntry(pid);
      return entry === undefined ? [] : [entry];
    }),
  mayListen: async (port) => wasHeardLately(port),
  heard: async () => portsHeard(),
  listeners: async (port, among) => listenersOn(port, among),
  answersOn: async (pid, { address, port }) => {
    const sockets = socketsAnsweringOn(address, port);
    return sockets.length > 0 && sockets.every(({ inode }) => isHeldBy(pid, inode));
  },
  portsOf: async (pids) => portsOfSockets(new Set(pids.flatMap(socketsHeldBy))),
  program: async (pid) => readProgram(pid),
  commandLine: async (pid) => {
    const words = read(`/proc/${pid}/cmdline`)?.split('\0').join(' ').trim();
    return words === '' ? undefined : words;
  },
  bearers: async (run) =>
    allPids().filter((pid) => bearsMark((read(`/proc/${pid}/environ`) ?? '').split('\0'), run)),
};

/** Start times count from boot; the boot's own id keeps them apart across reboots. */
const bootId = read('/proc/sys/kernel/random/boot_id')?.slice(0, 8) ?? 'boot';

function readEntry(pid: number): ProcessEntry | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses and may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parentPid, pgid] = fields;
  const threads = Number(fields[17]);
  const startTicks = fields[19];
  if (startTicks === undefined) return undefined;
  return {
    pid,
    pgid: Number(pgid),
    parentPid: Number(parentPid),
    // The first thread may have ended while others still hold the files and ports of the process.
    zombie: (state === 'Z' || state === 'X') && threads <= 1,
    startTime: `${startTicks}.${bootId}`,
  };
}

function readProgram(pid: number): RunningProgram | undefined {
  const uid = /^Uid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  if (uid === undefined) return undefined;
  return {
    uid: Number(uid),
    executable: link(`/proc/${pid}/exe`),
    cwd: link(`/proc/${pid}/cwd`),
    words: (read(`/proc/${pid}/cmdline`) ?? '').replace(/\0+$/, '').split('\0'),
    areWordsCut: false,
  };
}

function listenersOn(port: number, among: readonly number[] | undefined): Listener[] {
  const sockets = listeningSockets(port);
  if (sockets.length === 0) return [];
  const holders = holdersOf(new Set(sockets.map(({ inode }) => inode)), among ?? allPids());
  return sockets.map(({ address, inode, uid }) => ({ address, uid, pids: holders.get(inode) ?? [] }));
}

function holdersOf(inodes: ReadonlySet<string>, pids: readonly number[]): Map<string, number[]> {
  const holders = new Map<string, number[]>();
  for (const pid of pids) {
    for (const inode of socketsHeldBy(pid)) {
      if (!inodes.has(inode)) continue;
      const known = holders.get(inode) ?? [];
      if (!known.includes(pid)) holders.set(inode, [...known, pid]);
    }
  }
  return holders;
}

function socketsHeldBy(pid: number): string[] {
  return names(`/proc/${pid}/fd`).flatMap((descriptor) => {
    const target = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${descriptor}`) ?? '');
    return target?.[1] === undefined ? [] : [target[1]];
  });
}

/** What a process opened last is asked first: a service listens once it has loaded all else. */
function isHeldBy(pid: number, inode: string): boolean {
  const descriptors = names(`/proc/${pid}/fd`).reverse();
  return descriptors.some((descriptor) => link(`/proc/${pid}/fd/${descriptor}`) === `socket:[${inode}]`);
}

function allPids(): number[] {
  return names('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

// Processes end, and belong to others, while we read: what cannot be read is not there.
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function names(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
