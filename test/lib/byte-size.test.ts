import { expect, test } from 'vitest';
import { formatByteSize, parseByteSize } from '../../src/lib/byte-size.ts';

test.each([
  ['64KB', 64_000],
  ['50MB', 50_000_000],
  ['1.5GB', 1_500_000_000],
  ['10B', 10],
  ['50', undefined],
  ['50 MB', undefined],
  ['50mb', undefined],
  ['-1MB', undefined],
])('%s is %s bytes', (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [999.6, '1.0 kB'],
  [1_000, '1.0 kB'],
  [46_428_160, '46 MB'],
  [9_960_000, '10 MB'],
  [999_600_000, '1.0 GB'],
  [2_300_000_000, '2.3 GB'],
])('%s bytes are shown as %s', (bytes, text) => {
  expect(formatByteSize(bytes)).toBe(text);
});
