import type { SchemaCheck } from '../../lib/json-schema.ts';
import { type Path, schemaProblems } from '../../source/index.ts';
import type { Reader } from './reader.ts';

/** An extension of ours (`x-…`) as its schema has it; undefined where there is none, or a problem was reported. */
export function readShape<T extends object>(reader: Reader, at: Path, check: SchemaCheck<T>): T | undefined {
  const raw = reader.node(at)?.value;
  if (raw === undefined) return undefined;
  if (check.fits(raw)) return raw;
  const errors = check.errors().map((error) => ({ ...error, path: [...at, ...error.path] }));
  reader.problems.push(...schemaProblems(reader.source, errors));
  return undefined;
}
