import type { Problem } from '../../errors/index.ts';
import { type Path, problemAt, type SourceDocument } from '../../source/index.ts';
import { type JsonObject, listOf, objectOf } from './json.ts';
import { nodeAt, placeAt, type TreeNode } from './tree.ts';

/** Reads a document piece by piece, following references, and gathers what is wrong on the way. */
export interface Reader {
  readonly source: SourceDocument;
  readonly root: JsonObject;
  readonly problems: Problem[];
  report(at: Path, message: string, hint?: string): void;
  /** The object at `steps` below `at`; an empty one where there is none. */
  object(at: Path, ...steps: readonly (string | number)[]): { readonly at: Path; readonly value: JsonObject };
  node(at: Path, ...steps: readonly (string | number)[]): TreeNode | undefined;
  /** The places of the items of a list, after references. */
  items(at: Path, step: string): readonly TreeNode[];
  /** The places of the values of a mapping by key, after references. */
  entries(at: Path, step: string): readonly (readonly [key: string, node: TreeNode])[];
  /** Where the schema below `at` is written; its own `$ref` is left to the validator. */
  schemaPlace(at: Path): { readonly schemaAt?: Path };
}

export function createReader(source: SourceDocument, root: JsonObject): Reader {
  const problems: Problem[] = [];
  const node: Reader['node'] = (at, ...steps) => nodeAt(root, at, ...steps);
  const object: Reader['object'] = (at, ...steps) => {
    const found = node(at, ...steps);
    return { at: found?.at ?? [...at, ...steps], value: objectOf(found?.value) };
  };
  const report: Reader['report'] = (at, message, hint) => problems.push(problemAt(source, at, message, hint));
  /** A key that is there but cannot be read is a reference to nothing, or one in a circle. */
  const nodeOrProblem = (at: Path, ...steps: readonly (string | number)[]) => {
    const found = node(at, ...steps);
    if (found === undefined) report([...at, ...steps], 'this reference leads nowhere');
    return found;
  };
  return {
    source,
    root,
    problems,
    report,
    object,
    node,
    items: (at, step) =>
      listOf(node(at, step)?.value).flatMap((_, index) => nodeOrProblem(at, step, index) ?? []),
    entries: (at, step) =>
      Object.keys(object(at, step).value).flatMap((key) => {
        const found = nodeOrProblem(at, step, key);
        return found === undefined ? [] : [[key, found] as const];
      }),
    schemaPlace: (at) => {
      const schema = placeAt(root, at, 'schema');
      return schema === undefined ? {} : { schemaAt: schema.at };
    },
  };
}
