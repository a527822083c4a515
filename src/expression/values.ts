import { ExpressionError } from './expression-error.ts';
import { Matcher } from './matcher.ts';

/**
 * JSON-like data as CEL wants it: integral numbers become CEL ints (bigint), so that `count == 3` and list indices
 * work whatever way JSON spelled the number. Converted objects are remembered, answers are large and read often.
 */
export function toCel(value: unknown, known: WeakMap<object, unknown>): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null || isOpaque(value)) return value;
  const before = known.get(value);
  if (before !== undefined) return before;
  const converted = Array.isArray(value)
    ? value.map((item) => toCel(item, known) ?? null)
    : Object.fromEntries(
        Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => [key, toCel(item, known)]),
      );
  known.set(value, converted);
  return converted;
}

/** What an expression gave, as JSON-like data again; matchers stay what they are. */
export function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object' || value === null || value instanceof Matcher) return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), fromCel(item)]));
  if (Array.isArray(value) || value instanceof Set) return [...value].map(fromCel);
  if (isPlain(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromCel(item)]));
  return String(value);
}

/** A value inside a longer text: `order-${id}`. */
export function toText(value: unknown, source: string): string {
  if (typeof value === 'string') return value;
  if (value instanceof Matcher) {
    throw new ExpressionError({
      message: `${value.description} is a matcher and cannot be part of a longer text`,
      source,
      offset: 0,
      length: source.length,
      hint: "let it be the whole value, or use matches('…')",
    });
  }
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

const isOpaque = (value: object) =>
  value instanceof Matcher || value instanceof Date || value instanceof Uint8Array;

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
