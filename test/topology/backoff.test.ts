import { expect, test } from 'vitest';
import { backoffMs } from '../../src/topology/backoff.ts';

const waits = (random: number) =>
  [1, 2, 3, 4, 5, 1_000].map((number) =>
    backoffMs(number, { firstMs: 100, limitMs: 1_000, random: () => random }),
  );

test('waits double up to the limit, and between half and all of each is taken', () => {
  expect(waits(1)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(waits(0)).toEqual([50, 100, 200, 400, 500, 500]);
});
