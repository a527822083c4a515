import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

export interface ListeningSocket {
  readonly address: string;
  readonly inode: string;
  readonly uid: number;
}

export type IpVersion = 'IPv4' | 'IPv6';

const TABLES: Readonly<Record<IpVersion, string>> = { IPv4: '/proc/net/tcp', IPv6: '/proc/net/tcp6' };
const TCP_LISTEN = '0A';
/** Some 25 sockets. */
const FIRST_LOOK_BYTES = 4_096;

/**
 * The sockets that listen on a port. Linux names those that listen before all connections, so that who is there is found
 * at once; only to say that nobody is, it has to go through every connection of the machine (some 4 ms).
 */
export function socketsOn(port: number, version: IpVersion): ListeningSocket[] {
  const on = (rows: readonly Row[]) =>
    rows
      .filter((row) => row.isListening && row.port === port)
      .map(({ hexAddress, inode, uid }) => ({ address: addressOf(hexAddress), inode, uid }));
  const beginning = rowsOf(beginningOf(TABLES[version]));
  // With a connection at its end it has all that listens, a stranger on a narrower address included.
  const isEnough = beginning.some(({ isListening }) => !isListening);
  const first = isEnough ? on(beginning) : [];
  return first.length > 0 ? first : on(rowsOf(wholeOf(TABLES[version])));
}

/** Every port on which something listens. */
export function portsHeard(): ReadonlySet<number> {
  return new Set(allListening().map(({ port }) => port));
}

/** The ports on which one of these sockets, by inode, listens; ascending. */
export function portsOfSockets(inodes: ReadonlySet<string>): number[] {
  const ports = allListening().flatMap(({ inode, port }) => (inodes.has(inode) ? [port] : []));
  return [...new Set(ports)].sort((one, other) => one - other);
}

function allListening(): Row[] {
  const rows = [TABLES.IPv4, TABLES.IPv6].flatMap((table) => rowsOf(wholeOf(table)));
  return rows.filter(({ isListening }) => isListening);
}

interface Row extends Omit<ListeningSocket, 'address'> {
  readonly hexAddress: string;
  readonly port: number;
  readonly isListening: boolean;
}

function rowsOf(text: string): Row[] {
  return text.split('\n').flatMap((line) => {
    // One that was cut off lacks its last fields, and the line of titles has no address.
    const [, local = '', , state, , , , uid, , inode, more] = line.trim().split(/\s+/);
    const [hexAddress = '', hexPort] = local.split(':');
    if (hexPort === undefined || inode === undefined || more === undefined) return [];
    const port = Number.parseInt(hexPort, 16);
    const isListening = state === TCP_LISTEN;
    return [{ hexAddress, port, inode, uid: Number(uid), isListening }];
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

function beginningOf(table: string): string {
  try {
    const descriptor = openSync(table, 'r');
    try {
      const bytes = Buffer.alloc(FIRST_LOOK_BYTES);
      return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // A kernel without IPv6 has no table of it.
    return '';
  }
}

function wholeOf(table: string): string {
  try {
    return readFileSync(table, 'latin1');
  } catch {
    return '';
  }
}
