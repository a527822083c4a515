import type { Table } from '../wire/methods.ts';
import { canonical, text } from './arguments.ts';

const MODES = ['all', 'any', 'all-with-x', 'any-with-x'] as const;

/** Matches message headers against a binding's arguments. @throws AmqpError 406 for an `x-match` that is unknown */
export function headersMatcher(args: Table): (routingKey: string, headers: Table) => boolean {
  const mode = text(args, 'x-match', 'a binding to a headers exchange', MODES) ?? 'all';
  const wanted = Object.entries(args).filter(
    ([key]) => key !== 'x-match' && (mode.endsWith('-with-x') || !key.startsWith('x-')),
  );
  const isThere =
    (headers: Table) =>
    ([key, value]: [string, unknown]) =>
      Object.hasOwn(headers, key) && (value === null || isSame(headers[key], value));
  return mode.startsWith('all')
    ? (_, headers) => wanted.every(isThere(headers))
    : (_, headers) => wanted.some(isThere(headers));
}

function isSame(received: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return received === wanted;
  return canonical({ value: received }) === canonical({ value: wanted });
}
