import type { Random } from '../lib/random.ts';

/**
 * A function that gives an index into `weights`, each exactly as often as its weight says: in every round of as many
 * draws as the weights (in lowest terms) sum up to, each index comes its weight's times, in an order by chance.
 */
export function weightedChoice(weights: readonly number[], random: Random): () => number {
  const shares = lowestTerms(weights);
  const roundLength = shares.reduce((sum, share) => sum + share, 0);
  let remaining = [...shares];
  let left = roundLength;
  return () => {
    if (left === 0) {
      remaining = [...shares];
      left = roundLength;
    }
    let point = Math.floor(random() * left);
    const index = remaining.findIndex((share) => {
      point -= share;
      return point < 0;
    });
    remaining[index] = (remaining[index] ?? 0) - 1;
    left -= 1;
    return index;
  };
}

/** Weights such as 70 and 30, or 0.7 and 0.3, as 7 and 3. Places behind the ninth decimal are rounded away. */
function lowestTerms(weights: readonly number[]): number[] {
  const scale = [1, 1e1, 1e2, 1e3, 1e6].find((factor) =>
    weights.every((weight) => Number.isInteger(Number((weight * factor).toPrecision(15)))),
  );
  const whole = weights.map((weight) => Math.max(1, Math.round(weight * (scale ?? 1e9))));
  const divisor = whole.reduce(greatestCommonDivisor);
  return whole.map((weight) => weight / divisor);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
