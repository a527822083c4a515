import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveSeed, seededRandom } from '../../src/lib/random.ts';

const take = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

describe('a seeded random', () => {
  it('repeats its sequence for the same seed and stays within [0, 1)', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const numbers = take(seed, 50);
        expect(take(seed, 50)).toEqual(numbers);
        expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
      }),
    );
  });

  it('differs between seeds and between names derived from one seed', () => {
    expect(take(1, 5)).not.toEqual(take(2, 5));
    expect(deriveSeed(7, 'a')).not.toBe(deriveSeed(7, 'b'));
    expect(deriveSeed(7, 'a')).toBe(deriveSeed(7, 'a'));
  });

  it('spreads evenly', () => {
    const numbers = take(42, 10_000);
    const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
    expect(mean).toBeGreaterThan(0.48);
    expect(mean).toBeLessThan(0.52);
  });
});
