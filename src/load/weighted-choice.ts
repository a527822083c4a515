import type { Random } from '../lib/random.ts';

/** A function that gives an index into `weights`, each as often as its weight says. */
export function weightedChoice(weights: readonly number[], random: Random): () => number {
  let sum = 0;
  const upTo = weights.map((weight) => {
    sum += weight;
    return sum;
  });
  return () => {
    const point = random() * sum;
    const index = upTo.findIndex((bound) => point < bound);
    return index === -1 ? weights.length - 1 : index;
  };
}
