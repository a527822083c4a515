import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Listener, ProcessEntry, ProcessTable } from './process-table.ts';
import { bearsMark } from './run-mark.ts';

/** The process table out of /proc (man 5 proc). Reads are synchronous: /proc is memory, not disk. */
export const linuxProcessTable: ProcessTable = {
  find: async (pid) => readEntry(pid),
  list: async () =>
    allPids().flatMap((pid) => {
      const entry = readEntry(pid);
      return entry === undefined ? [] : [entry];
    }),
  mayListen: async (port) => listeningSockets(port).length > 0,
  listeners: async (port, among) => listenersOn(port, among),
  commandLine: async (pid) => {
    const words = read(`/proc/${pid}/cmdline`)?.split('\0').join(' ').trim();
    return words === '' ? undefined : words;
  },
  bearers: async (run) =>
    allPids().filter((pid) => bearsMark((read(`/proc/${pid}/environ`) ?? '').split('\0'), run)),
};

const TCP_LISTEN = '0A';
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

interface ListeningSocket {
  readonly address: string;
  readonly inode: string;
  readonly uid: number;
}

function listenersOn(port: number, among: readonly number[] | undefined): Listener[] {
  const sockets = listeningSockets(port);
  if (sockets.length === 0) return [];
  const holders = holdersOf(new Set(sockets.map(({ inode }) => inode)), among ?? allPids());
  return sockets.map(({ address, inode, uid }) => ({ address, uid, pids: holders.get(inode) ?? [] }));
}

const listeningSockets = (port: number) => [
  ...socketsIn('/proc/net/tcp', port),
  ...socketsIn('/proc/net/tcp6', port),
];

function socketsIn(table: string, port: number): ListeningSocket[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return (read(table) ?? '').split('\n').flatMap((line) => {
    const [, local = '', , state, , , , uid, , inode] = line.trim().split(/\s+/);
    const [hexAddress = '', localPort] = local.split(':');
    if (state !== TCP_LISTEN || localPort !== hexPort || inode === undefined) return [];
    return [{ address: addressOf(hexAddress), inode, uid: Number(uid) }];
  });
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

/** The kernel prints addresses as 32-bit words in host order: little endian on every machine Node runs on. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse());
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return '::1';
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (mapped) return bytes.slice(12).join('.');
  return (Buffer.from(bytes).toString('hex').match(/.{4}/g) ?? []).join(':');
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
