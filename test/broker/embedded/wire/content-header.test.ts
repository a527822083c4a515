import { describe, expect, it } from 'vitest';
import { encodeTable } from '../../../../src/broker/embedded/wire/codec.ts';
import {
  readHeader,
  replaceProperties,
  splitProperties,
  toShortString,
} from '../../../../src/broker/embedded/wire/content-header.ts';
import { joinTable, splitTable } from '../../../../src/broker/embedded/wire/raw-table.ts';

const EMPTY = Buffer.concat([Buffer.from([0, 60, 0, 0]), Buffer.alloc(8), Buffer.alloc(2)]);

/** All properties, each by its own name. */
const full = replaceProperties(EMPTY, {
  contentType: toShortString('text/plain'),
  headers: encodeTable({ wide: { '!': 'long', value: 5 }, text: 'x' }),
  deliveryMode: Buffer.from([2]),
  priority: Buffer.from([7]),
  replyTo: toShortString('r'),
  expiration: toShortString('60000'),
  timestamp: Buffer.alloc(8, 1),
  userId: toShortString('guest'),
  clusterId: toShortString('ü'),
});

describe('a content header', () => {
  it('says what the broker looks at', () => {
    expect(readHeader(full)).toEqual({
      bodyBytes: 0,
      persistent: true,
      priority: 7,
      expiration: '60000',
      replyTo: 'r',
      userId: 'guest',
      headers: { wide: 5, text: 'x' },
    });
    expect(readHeader(EMPTY)).toMatchObject({ persistent: false, priority: 0, headers: undefined });
  });

  it('keeps every other byte when one property is replaced or taken away', () => {
    const changed = replaceProperties(full, { replyTo: toShortString('elsewhere'), expiration: undefined });
    const [before, after] = [new Map(splitProperties(full)), new Map(splitProperties(changed))];
    expect(after.get('replyTo')?.toString('utf8', 1)).toBe('elsewhere');
    expect(after.has('expiration')).toBe(false);
    for (const name of ['replyTo', 'expiration'] as const) {
      before.delete(name);
      after.delete(name);
    }
    expect(after).toEqual(before);
  });

  it('is refused wherever it is cut off, with 502 and never with anything else', () => {
    for (let length = 0; length < full.length; length += 1) {
      expect(() => readHeader(full.subarray(0, length))).toThrow('SYNTAX_ERROR');
    }
  });
});

describe('a field table', () => {
  it('is cut into values that keep their types, and joined to the same bytes', () => {
    const table = encodeTable({
      long: { '!': 'long', value: 5 },
      byte: 5,
      text: 'ü',
      flag: true,
      nothing: null,
      bytes: Buffer.from([1, 2]),
      list: [1, [2, { three: 3 }]],
      table: { inner: { deep: 1.5 } },
      time: { '!': 'timestamp', value: 1 },
      decimal: { '!': 'decimal', value: { places: 2, digits: 314 } },
    });
    const values = splitTable(table.subarray(4));
    expect(values.get('long')?.[0]).toBe('l'.charCodeAt(0));
    expect(values.get('byte')?.[0]).toBe('b'.charCodeAt(0));
    expect(joinTable(values)).toEqual(table);
  });

  it('is refused when it nests so deep that reading it would use up the stack', () => {
    let nested: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 200; depth += 1) {
      nested = joinTable(
        new Map([['t', Buffer.concat([Buffer.from('F'), joinTable(splitless(nested))])]]),
      ).subarray(4);
    }
    expect(() => splitTable(nested)).toThrow('nested deeper than 64 levels');
  });
});

/** A table of one value that is given as the bytes of a table. */
function splitless(inner: Buffer): Map<string, Buffer> {
  const head = Buffer.alloc(5);
  head.write('F');
  head.writeUInt32BE(inner.length, 1);
  return new Map([['t', Buffer.concat([head, inner])]]);
}
