/** What `parseShare` reads, for messages: completes "must be ...". */
export const shareForm = 'a percentage from "0%" to "100%"';

/** The share in [0, 1] that a text such as `3%` or `0.5%` says; undefined when it is none. */
export function parseShare(text: string): number | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,4})?)%$/.exec(text.trim());
  const share = Number(match?.[1]) / 100;
  return share <= 1 ? share : undefined;
}

/** The text that `parseShare` reads as this share; rounded to its four decimals, which hides that 0.07 * 100 is not 7. */
export function formatShare(share: number): string {
  return `${Number((share * 100).toFixed(4))}%`;
}
