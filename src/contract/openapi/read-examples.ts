import type { Path } from '../../source/index.ts';
import { DEFAULT_EXAMPLE, type Example } from './contract.ts';
import { isObject } from './json.ts';
import type { Reader } from './reader.ts';

/** The examples of a media type by name: `examples`, else its single `example`, else the schema's own one. */
export function readExamples(reader: Reader, at: Path): ReadonlyMap<string, Example> {
  const named = readNamedExamples(reader, at);
  const single = named.size > 0 ? undefined : readFallback(reader, at, ['example', 'examples']);
  return single === undefined ? named : new Map([[DEFAULT_EXAMPLE, single]]);
}

/** The entries of `examples` that hold a value (an `externalValue` is somewhere else and proves nothing here). */
export function readNamedExamples(reader: Reader, at: Path): ReadonlyMap<string, Example> {
  return new Map(
    reader.entries(at, 'examples').flatMap(([name, example]) => {
      if (!isObject(example.value) || !('value' in example.value)) return [];
      return [[name, { value: example.value['value'], at: [...example.at, 'value'] }] as const];
    }),
  );
}

/** The value to use where no name is asked for: `example`, else what the schema says under `keywords`, in that order. */
export function readFallback(
  reader: Reader,
  at: Path,
  keywords: readonly ('example' | 'examples' | 'default')[],
): Example | undefined {
  const own = reader.object(at);
  if ('example' in own.value) return { value: own.value['example'], at: [...own.at, 'example'] };
  const schema = reader.object(at, 'schema');
  for (const keyword of keywords) {
    const value = schema.value[keyword];
    if (value === undefined) continue;
    if (keyword !== 'examples') return { value, at: [...schema.at, keyword] };
    if (Array.isArray(value) && value.length > 0) return { value: value[0], at: [...schema.at, keyword, 0] };
  }
  return undefined;
}
