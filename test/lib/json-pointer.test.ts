import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromPointer, toPointer } from '../../src/lib/json-pointer.ts';

it('writes the examples of RFC 6901', () => {
  expect(toPointer([])).toBe('');
  expect(toPointer(['foo', 0])).toBe('/foo/0');
  expect(toPointer(['a/b', 'm~n', ''])).toBe('/a~1b/m~0n/');
});

it('reads back every path it wrote', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (path) => {
      expect(fromPointer(toPointer(path))).toEqual(path);
    }),
  );
});
