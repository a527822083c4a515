import { AmqpError } from './amqp-error.ts';

/** Bytes of values that are always as long: https://www.rabbitmq.com/amqp-0-9-1-errata.html#section_3 */
const FIXED_BYTES: Readonly<Record<string, number>> = {
  t: 1,
  b: 1,
  B: 1,
  s: 2,
  u: 2,
  I: 4,
  i: 4,
  l: 8,
  T: 8,
  f: 4,
  d: 8,
  D: 5,
  V: 0,
};
/** Long strings, byte arrays, tables and arrays say their length. */
const WITH_LENGTH = 'SxFA';
/** Tables in tables in tables: deeper than anybody means it, and reading them must not use up the stack. */
const DEEPEST = 64;

/**
 * Cuts a field table into keys and the bytes of their values, type tag in front, so that values can be passed on with the
 * very types they came with. @throws AmqpError 502 when it is malformed
 */
export function splitTable(fields: Buffer, depth = 0): Map<string, Buffer> {
  const values = new Map<string, Buffer>();
  let offset = 0;
  while (offset < fields.length) {
    const keyEnd = offset + 1 + (fields[offset] ?? 0);
    const key = fields.toString('utf8', offset + 1, keyEnd);
    const end = valueEnd(fields, keyEnd, depth);
    values.set(key, fields.subarray(keyEnd, end));
    offset = end;
  }
  return values;
}

/** The table again, with its length in front. */
export function joinTable(values: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = [Buffer.alloc(4)];
  for (const [key, value] of values) {
    const name = Buffer.from(key);
    parts.push(Buffer.from([name.length]), name, value);
  }
  const table = Buffer.concat(parts);
  table.writeUInt32BE(table.length - 4);
  return table;
}

function valueEnd(fields: Buffer, tagAt: number, depth: number): number {
  const tag = String.fromCharCode(fields[tagAt] ?? 0);
  const at = tagAt + 1;
  const fixed = FIXED_BYTES[tag];
  if (fixed !== undefined) return within(fields, at + fixed);
  if (!WITH_LENGTH.includes(tag)) throw AmqpError.syntax('a table value of an unknown type');
  const start = within(fields, at + 4);
  const end = within(fields, start + fields.readUInt32BE(at));
  if (tag === 'F' || tag === 'A') {
    if (depth >= DEEPEST) throw AmqpError.syntax(`a table nested deeper than ${DEEPEST} levels`);
    const inner = fields.subarray(start, end);
    if (tag === 'F') splitTable(inner, depth + 1);
    else for (let item = 0; item < inner.length; ) item = valueEnd(inner, item, depth + 1);
  }
  return end;
}

function within(fields: Buffer, end: number): number {
  if (end > fields.length) throw AmqpError.syntax('a table value that is cut off');
  return end;
}
