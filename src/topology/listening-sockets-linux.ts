import { closeSync, openSync, readSync } from 'node:fs';
import { answeringOn } from './answering-on.ts';

export interface ListeningSocket {
  readonly address: string;
  readonly inode: string;
  readonly uid: number;
}

type IpVersion = 'IPv4' | 'IPv6';

const TABLES: Readonly<Record<IpVersion, string>> = { IPv4: '/proc/net/tcp', IPv6: '/proc/net/tcp6' };
const TCP_LISTEN = '0A';
/** Some 13 sockets. The kernel looks no further than it is asked for, and to look through all connections takes long. */
const PIECE_BYTES = 2_048;
/** Two sockets, for whoever hopes to need no more of them than the first. */
const SMALL_PIECE_BYTES = 300;

/** The sockets that listen on a port. */
export function listeningSockets(port: number): ListeningSocket[] {
  return [TABLES.IPv4, TABLES.IPv6].flatMap((table) =>
    [...listeningRows(table)].filter((row) => row.port === port).map(toSocket),
  );
}

/** The sockets that answer on an address and port; of what listens no more is read than it takes to know them. */
export function socketsAnsweringOn(address: string, port: number): readonly ListeningSocket[] {
  // Sockets of IPv6 answer to an address of IPv4 only where no socket of IPv4 does.
  const versions = address.includes(':') ? (['IPv6'] as const) : (['IPv4', 'IPv6'] as const);
  for (const version of versions) {
    const answering = answeringOn(socketsUntilKnown(TABLES[version], address, port), address);
    if (answering.length > 0) return answering;
  }
  return [];
}

/** Linux keeps the sockets of one address and port side by side: nothing narrower or equal comes behind them. */
function socketsUntilKnown(table: string, address: string, port: number): ListeningSocket[] {
  const sockets: ListeningSocket[] = [];
  for (const row of listeningRows(table, SMALL_PIECE_BYTES)) {
    if (row.port === port) sockets.push(toSocket(row));
    else if (sockets.some((socket) => socket.address === address)) break;
  }
  return sockets;
}

const toSocket = ({ hexAddress, inode, uid }: Row): ListeningSocket => ({
  address: addressOf(hexAddress),
  inode,
  uid,
});

/** Every port on which something listens. */
export function portsHeard(): ReadonlySet<number> {
  return new Set([...portsIn('IPv4'), ...portsIn('IPv6')]);
}

/** The ports on which one of these sockets, by inode, listens; ascending. */
export function portsOfSockets(inodes: ReadonlySet<string>): number[] {
  const all = [TABLES.IPv4, TABLES.IPv6].flatMap((table) => [...listeningRows(table)]);
  const ports = all.flatMap(({ inode, port }) => (inodes.has(inode) ? [port] : []));
  return [...new Set(ports)].sort((one, other) => one - other);
}

const portsIn = (version: IpVersion) => new Set([...listeningRows(TABLES[version])].map(({ port }) => port));

interface Look {
  readonly ports: ReadonlySet<number>;
  readonly untilMs: number;
}

const looks = new Map<IpVersion, Look>();
const MIN_AGE_MS = 4;
/** So that whoever asks, and however many, the looks take a fifth of a processor at most. */
const AGE_PER_COST = 4;

/** Whether something has listened on a port a moment ago. One look serves all who ask in that moment. */
export const wasHeardLately = (port: number): boolean =>
  lookLately('IPv4').has(port) || lookLately('IPv6').has(port);

function lookLately(version: IpVersion): ReadonlySet<number> {
  const beganMs = performance.now();
  const last = looks.get(version);
  if (last !== undefined && beganMs < last.untilMs) return last.ports;
  const ports = portsIn(version);
  const endedMs = performance.now();
  looks.set(version, { ports, untilMs: endedMs + Math.max(MIN_AGE_MS, AGE_PER_COST * (endedMs - beganMs)) });
  return ports;
}

interface Row extends Omit<ListeningSocket, 'address'> {
  readonly hexAddress: string;
  readonly port: number;
  readonly isListening: boolean;
}

/** Nothing for the line of titles. */
function rowOf(line: string): Row[] {
  const [, local = '', , state, , , , uid, , inode] = line.trim().split(/\s+/);
  const [hexAddress = '', hexPort] = local.split(':');
  if (hexPort === undefined || inode === undefined) return [];
  const port = Number.parseInt(hexPort, 16);
  return [{ hexAddress, port, inode, uid: Number(uid), isListening: state === TCP_LISTEN }];
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

/** Linux names what listens before all connections: at the first connection, all that listens has been read. */
function* listeningRows(table: string, pieceBytes: number = PIECE_BYTES): Generator<Row> {
  let cutOff = '';
  for (const piece of piecesOf(table, pieceBytes)) {
    const lines = `${cutOff}${piece}`.split('\n');
    cutOff = lines.pop() ?? '';
    for (const row of lines.flatMap(rowOf)) {
      if (!row.isListening) return;
      yield row;
    }
  }
}

function* piecesOf(table: string, pieceBytes: number): Generator<string> {
  let descriptor: number;
  try {
    descriptor = openSync(table, 'r');
  } catch {
    // A kernel without IPv6 has no table of it.
    return;
  }
  try {
    const bytes = Buffer.alloc(pieceBytes);
    for (let length = readSync(descriptor, bytes); length > 0; length = readSync(descriptor, bytes)) {
      yield bytes.toString('latin1', 0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}
