import { AmqpError } from '../wire/amqp-error.ts';
import type { Table } from '../wire/methods.ts';

/** A whole number of an argument table; undefined when it is not there. @throws AmqpError 406 when it is none */
export function wholeNumber(
  table: Table,
  name: string,
  place: string,
  { from = 0, to = Number.MAX_SAFE_INTEGER }: { readonly from?: number; readonly to?: number } = {},
): number | undefined {
  const value = table[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw invalid(name, place, 'it must be a whole number');
  }
  if (value < from || value > to) throw invalid(name, place, `${value} is not from ${from} to ${to}`);
  return value;
}

/** @throws AmqpError 406 when it is there but no text, or none of the words that are possible */
export function text(
  table: Table,
  name: string,
  place: string,
  words?: readonly string[],
): string | undefined {
  const value = table[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw invalid(name, place, 'it must be a string');
  if (words !== undefined && !words.includes(value)) {
    throw invalid(name, place, `'${value}' is none of ${words.join(', ')}`);
  }
  return value;
}

/** @throws AmqpError 406 when it is there but neither true nor false */
export function flag(table: Table, name: string, place: string): boolean | undefined {
  const value = table[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalid(name, place, 'it must be true or false');
}

function invalid(name: string, place: string, reason: string): AmqpError {
  return AmqpError.precondition(`invalid arg '${name}' for ${place}: ${reason}`);
}

/** Equal for equal tables, whatever the order of their keys. */
export function canonical(table: Table): string {
  return JSON.stringify(table, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** An argument in a sentence, as RabbitMQ shows it but for its type on the wire, which is not kept. */
export function shown(value: unknown): string {
  return value === undefined ? 'none' : `the value '${String(value)}'`;
}
