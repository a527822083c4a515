const unitMs = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
]);

/** Milliseconds of a text such as `30ms`, `1.5s` or `2m`; undefined when it is not one. */
export function parseDurationMs(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m)$/.exec(text.trim());
  const factor = unitMs.get(match?.[2] ?? '');
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor;
}
