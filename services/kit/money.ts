import { invalidRequest } from './problem.ts';

/** The largest amount that is held or accepted, in minor units; far inside the exact range of a double. */
export const maxMinorUnits = 99_999_999_999_999;

/**
 * Minor units (cents) of a decimal string or JSON number, exactly; undefined when it is not an amount.
 * A JSON number arrives as a double, so its shortest decimal form is what is read: 299.99 is 29999, 0.1 + 0.2 is refused.
 */
export function parseMoney(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const match = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(String(value));
  if (match === null) return undefined;
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

/** `29999` as `"299.99"`: the form in which every amount is answered. */
export function formatMoney(minorUnits: number): string {
  const digits = String(minorUnits).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Minor units of an amount in a request; a 400 problem with that pointer when it is none. */
export function requireMoney(value: unknown, pointer: string): number {
  const minorUnits = parseMoney(value);
  if (minorUnits !== undefined) return minorUnits;
  throw invalidRequest([{ pointer, message: 'must be an amount with at most two digits after the point' }]);
}

/** As `requireMoney`, and more than zero. */
export function requirePositiveMoney(value: unknown, pointer: string): number {
  const minorUnits = requireMoney(value, pointer);
  if (minorUnits > 0) return minorUnits;
  throw invalidRequest([{ pointer, message: 'must be more than 0.00' }]);
}
