import { AmqpError } from './amqp-error.ts';
import { decodeTable } from './codec.ts';
import type { Table } from './methods.ts';
import { splitTable } from './raw-table.ts';

/**
 * A content header is kept as the bytes that came and passed on as they are: decoding and encoding again would narrow
 * its integer types. Only single properties are cut out, or replaced where the broker has to (dead letters, BCC).
 *
 * Layout: class (2), weight (2), body size (8), flags (2), then the properties whose flag is set, in this order.
 */
const PROPERTIES = {
  contentType: 'short-string',
  contentEncoding: 'short-string',
  headers: 'table',
  deliveryMode: 1,
  priority: 1,
  correlationId: 'short-string',
  replyTo: 'short-string',
  expiration: 'short-string',
  messageId: 'short-string',
  timestamp: 8,
  type: 'short-string',
  userId: 'short-string',
  appId: 'short-string',
  clusterId: 'short-string',
} as const;

const ORDER = Object.keys(PROPERTIES) as readonly PropertyName[];

export type PropertyName = keyof typeof PROPERTIES;
/** Property to its bytes, length in front where it has one. */
export type RawProperties = ReadonlyMap<PropertyName, Buffer>;

const BASIC_CLASS = 60;
const FLAGS_AT = 12;
const FIRST_PROPERTY_AT = 14;
const PERSISTENT = 2;

/** What the broker itself looks at in a header. */
export interface HeaderFacts {
  readonly bodyBytes: number;
  readonly persistent: boolean;
  readonly priority: number;
  readonly expiration: string | undefined;
  readonly replyTo: string | undefined;
  readonly userId: string | undefined;
  /** Undefined when there are none. */
  readonly headers: Table | undefined;
}

/** @throws AmqpError 502 when it is malformed */
export function readHeader(header: Buffer): HeaderFacts {
  const raw = splitProperties(header);
  const headers = raw.get('headers');
  // Also proves that every value in it can be read, so that nothing fails later.
  if (headers !== undefined) splitTable(headers.subarray(4));
  return {
    bodyBytes: Number(header.readBigUInt64BE(4)),
    persistent: raw.get('deliveryMode')?.[0] === PERSISTENT,
    priority: raw.get('priority')?.[0] ?? 0,
    expiration: shortString(raw.get('expiration')),
    replyTo: shortString(raw.get('replyTo')),
    userId: shortString(raw.get('userId')),
    headers: headers === undefined ? undefined : decodeTable(headers.subarray(4)),
  };
}

/** The headers of a message; none is an empty table. */
export function headersOf(header: Buffer): Table {
  const raw = splitProperties(header).get('headers');
  return raw === undefined ? {} : decodeTable(raw.subarray(4));
}

/** @throws AmqpError 502 when a property reaches beyond the end */
export function splitProperties(header: Buffer): RawProperties {
  if (header.length < FIRST_PROPERTY_AT) throw AmqpError.syntax('a content header that is too short');
  if (header.readUInt16BE(0) !== BASIC_CLASS) throw AmqpError.syntax('content of a class other than basic');
  const flags = header.readUInt16BE(FLAGS_AT);
  const properties = new Map<PropertyName, Buffer>();
  let offset = FIRST_PROPERTY_AT;
  for (const [index, name] of ORDER.entries()) {
    if ((flags & (0x8000 >>> index)) === 0) continue;
    const end = offset + lengthAt(header, offset, PROPERTIES[name]);
    if (!(end <= header.length)) throw AmqpError.syntax(`a content header whose ${name} is cut off`);
    properties.set(name, header.subarray(offset, end));
    offset = end;
  }
  return properties;
}

/** NaN where not even the length is there. */
function lengthAt(header: Buffer, offset: number, kind: (typeof PROPERTIES)[PropertyName]): number {
  if (kind === 'short-string') return 1 + (header[offset] ?? Number.NaN);
  if (kind === 'table') return offset + 4 > header.length ? Number.NaN : 4 + header.readUInt32BE(offset);
  return kind;
}

/** The same header with some properties replaced; undefined takes a property away. */
export function replaceProperties(
  header: Buffer,
  changes: Readonly<Partial<Record<PropertyName, Buffer | undefined>>>,
): Buffer {
  const old = splitProperties(header);
  const parts: Buffer[] = [Buffer.from(header.subarray(0, FIRST_PROPERTY_AT))];
  let flags = 0;
  for (const [index, name] of ORDER.entries()) {
    const value = name in changes ? changes[name] : old.get(name);
    if (value === undefined) continue;
    flags |= 0x8000 >>> index;
    parts.push(value);
  }
  const joined = Buffer.concat(parts);
  joined.writeUInt16BE(flags, FLAGS_AT);
  return joined;
}

/** A property that is text, as the wire has it. The caller knows that it is at most 255 bytes long. */
export function toShortString(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function shortString(raw: Buffer | undefined): string | undefined {
  return raw?.toString('utf8', 1);
}
