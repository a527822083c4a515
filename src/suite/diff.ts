import { Matcher } from '../expression/index.ts';
import type { Difference } from '../model/index.ts';

/** `partial`: keys that are not expected may be there. `exact`: nothing but what is expected. */
export type DiffMode = 'partial' | 'exact';

/**
 * Where `received` is not what was expected. Lists match element by element, in length and order; a matcher stands
 * for every value it accepts. Paths start with `root` and are written as in an expression.
 */
export function diff(expected: unknown, received: unknown, mode: DiffMode, root = 'body'): Difference[] {
  return compare({ expected, received, mode, path: root });
}

interface Pair {
  readonly expected: unknown;
  /** `undefined` stands for an absent value. */
  readonly received: unknown;
  readonly mode: DiffMode;
  readonly path: string;
}

function compare(pair: Pair): Difference[] {
  const { expected, received, path } = pair;
  if (expected instanceof Matcher)
    return expected.accepts(received) ? [] : [different(expected, received, path)];
  if (Array.isArray(expected) && Array.isArray(received)) return compareLists(expected, received, pair);
  if (isMapping(expected) && isMapping(received)) return compareMappings(expected, received, pair);
  return Object.is(expected, received) || expected === received ? [] : [different(expected, received, path)];
}

function compareLists(expected: unknown[], received: unknown[], { mode, path }: Pair): Difference[] {
  const length = Math.max(expected.length, received.length);
  return Array.from({ length }, (_, index): Difference[] => {
    const at = `${path}[${index}]`;
    if (index >= expected.length) return [{ path: at, kind: 'unexpected', received: show(received[index]) }];
    // Lists match in length: not even a matcher for what is absent stands for an element too few.
    if (index >= received.length) return [different(expected[index], undefined, at)];
    return compare({ expected: expected[index], received: received[index], mode, path: at });
  }).flat();
}

function compareMappings(
  expected: Readonly<Record<string, unknown>>,
  received: Readonly<Record<string, unknown>>,
  { mode, path }: Pair,
): Difference[] {
  const differences = Object.entries(expected).flatMap(([key, value]) =>
    compare({
      expected: value,
      received: Object.hasOwn(received, key) ? received[key] : undefined,
      mode,
      path: step(path, key),
    }),
  );
  if (mode === 'partial') return differences;
  const extra = Object.entries(received).filter(([key]) => !Object.hasOwn(expected, key));
  return [
    ...differences,
    ...extra.map(
      ([key, value]): Difference => ({ path: step(path, key), kind: 'unexpected', received: show(value) }),
    ),
  ];
}

function different(expected: unknown, received: unknown, path: string): Difference {
  if (received === undefined) return { path, kind: 'missing', expected: show(expected) };
  return { path, kind: 'changed', expected: show(expected), received: show(received) };
}

function show(value: unknown): string {
  return value instanceof Matcher ? value.description : (JSON.stringify(value) ?? 'nothing');
}

const step = (path: string, key: string): string =>
  /^[a-z_]\w*$/i.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
