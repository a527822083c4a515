interface BackoffOptions {
  readonly firstMs: number;
  readonly limitMs: number;
  readonly random: () => number;
}

/**
 * The wait before attempt `number` (from 1): doubles each time up to the limit, and half of it is left to chance, so that
 * what fell together does not rise together. In milliseconds.
 */
export function backoffMs(number: number, { firstMs, limitMs, random }: BackoffOptions): number {
  const ceilingMs = Math.min(limitMs, firstMs * 2 ** Math.min(number - 1, 30));
  return Math.round(ceilingMs * (0.5 + random() / 2));
}
