import { expect, test } from 'vitest';
import { globPattern, isPattern, patternBase } from '../../src/lib/glob-pattern.ts';

test.each([
  ['/a/*.ts', '/a/x.ts', true],
  ['/a/*.ts', '/a/b/x.ts', false],
  ['/a/**/*.ts', '/a/x.ts', true],
  ['/a/**/*.ts', '/a/b/c/x.ts', true],
  ['/a/**/*.ts', '/a/b/c/x.tsx', false],
  ['/a/**', '/a/b/c', true],
  ['/a/?.js', '/a/xy.js', false],
  ['/a/*.{ts,js}', '/a/x.js', true],
  ['/a/*.{ts,js}', '/a/x.json', false],
  ['/a/[a-c].ts', '/a/b.ts', true],
  ['/a/[!a-c].ts', '/a/b.ts', false],
  ['/a/{x.ts', '/a/{x.ts', true],
  ['/a/x+(y).ts', '/a/x+(y).ts', true],
])('%s and %s: %s', (pattern, path, fits) => {
  expect(globPattern(pattern).test(path)).toBe(fits);
});

test('the base of a pattern is what comes before its first wildcard', () => {
  expect(patternBase('/a/b/**/*.ts')).toBe('/a/b');
  expect(patternBase('/*.ts')).toBe('/');
  expect(patternBase('/a/b.ts')).toBe('/a/b.ts');
  expect(isPattern('/a/b.ts')).toBe(false);
});
