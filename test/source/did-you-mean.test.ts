import { expect, it } from 'vitest';
import { didYouMean } from '../../src/source/index.ts';

const keys = ['expect', 'headers', 'status', 'body', 'poll', 'until'];

it.each([
  ['expct', 'expect'],
  ['hedaers', 'headers'],
  ['Status', 'status'],
  ['bdoy', 'body'],
])('takes %s for a slip of %s', (word, meant) => {
  expect(didYouMean(word, keys)).toBe(meant);
});

it.each(['', 'xyz', 'completely-different', 'b'])('suggests nothing for %j', (word) => {
  expect(didYouMean(word, keys)).toBeUndefined();
});
