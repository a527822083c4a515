/** What a number with a unit is worth in the unit that metrics are kept in: milliseconds, ratios, per second. */
const WORTH = { us: 0.001, µs: 0.001, ms: 1, s: 1_000, m: 60_000, '%': 0.01, '/s': 1 } as const;

const STRING_OR_QUANTITY =
  /(?<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?<![\w.])(?<amount>\d+(?:\.\d+)?)(?<unit>us|µs|ms|s|m|%|\/s)(?!\w)/g;

/**
 * Rewrites quantities (`500ms`, `1.5s`, `1%`, `100/s`) to the plain numbers CEL reads: times become milliseconds,
 * percentages ratios. The unit stands directly behind the number; `7 % 2` stays a remainder.
 */
export function replaceUnits(source: string): string {
  return source.replace(STRING_OR_QUANTITY, (whole, _string, amount: string | undefined, unit: string) => {
    if (amount === undefined || !isUnit(unit)) return whole;
    const value = String(Number((Number(amount) * WORTH[unit]).toPrecision(15)));
    return value.includes('.') || value.includes('e') ? value : `${value}.0`;
  });
}

const isUnit = (unit: string): unit is keyof typeof WORTH => unit in WORTH;
