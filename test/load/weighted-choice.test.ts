import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/lib/random.ts';
import { weightedChoice } from '../../src/load/weighted-choice.ts';

function draw(weights: readonly number[], times: number, seed = 1): number[] {
  const choose = weightedChoice(weights, seededRandom(seed));
  return Array.from({ length: times }, () => choose());
}

const countsOf = (drawn: readonly number[]) =>
  [0, 1, 2].map((index) => drawn.filter((one) => one === index).length);

describe('a weighted choice', () => {
  it.each([
    [
      [7, 3],
      [7, 3, 0],
    ],
    [
      [70, 30],
      [7, 3, 0],
    ],
    [
      [0.7, 0.3],
      [7, 3, 0],
    ],
    [
      [0.07, 0.03],
      [7, 3, 0],
    ],
    [
      [1, 0.25],
      [8, 2, 0],
    ],
    [
      [3, 6, 1],
      [3, 6, 1],
    ],
  ])('by %j is exact in every ten draws', (weights, expected) => {
    const drawn = draw(weights, 1_000);
    for (let at = 0; at < drawn.length; at += 10)
      expect(countsOf(drawn.slice(at, at + 10))).toEqual(expected);
  });

  it('mixes: the order is not the same in every round', () => {
    const drawn = draw([7, 3], 1_000);
    const rounds = Array.from({ length: 100 }, (_, round) =>
      drawn.slice(round * 10, round * 10 + 10).join(''),
    );
    expect(new Set(rounds).size).toBeGreaterThan(10);
  });

  it('follows from the seed', () => {
    expect(draw([7, 3], 100, 1)).toEqual(draw([7, 3], 100, 1));
    expect(draw([7, 3], 100, 1)).not.toEqual(draw([7, 3], 100, 2));
  });

  it('takes weights that are far apart or have no short decimals', () => {
    expect(countsOf(draw([999_999, 1], 1_000_000))).toEqual([999_999, 1, 0]);
    const [often = 0, seldom = 0] = countsOf(draw([2 / 3, 1 / 3], 3_000));
    expect(often + seldom).toBe(3_000);
    expect(Math.abs(often - 2_000)).toBeLessThan(200);
  });
});
