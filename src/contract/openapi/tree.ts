import { fromPointer } from '../../lib/json-pointer.ts';
import type { Path } from '../../source/index.ts';
import { isObject, textOf } from './json.ts';

/** A value in a document together with where it stands, after every `$ref` on the way was followed. */
export interface TreeNode {
  readonly at: Path;
  readonly value: unknown;
}

/** More hops than any honest chain of references has: a chain that is longer goes round in a circle. */
const MAX_HOPS = 50;

/**
 * The value at `steps` below `from`. References within the document are followed on the way and at the end, so that
 * `at` is the place where the value is really written. Undefined where there is none.
 */
export function nodeAt(
  root: unknown,
  from: Path,
  ...steps: readonly (string | number)[]
): TreeNode | undefined {
  return walk(root, [...from, ...steps], MAX_HOPS);
}

/** Like {@link nodeAt}, but a reference at the very end is left alone: schemas may have keywords beside it. */
export function placeAt(root: unknown, from: Path, step: string): TreeNode | undefined {
  const parent = nodeAt(root, from);
  if (parent === undefined || !isObject(parent.value) || parent.value[step] === undefined) return undefined;
  return { at: [...parent.at, step], value: parent.value[step] };
}

function walk(root: unknown, path: Path, hops: number): TreeNode | undefined {
  let node = follow(root, { at: [], value: root }, hops);
  for (const step of path) {
    if (node === undefined) return undefined;
    const child = childOf(node, step);
    node = child && follow(root, child, hops);
  }
  return node;
}

function childOf({ at, value }: TreeNode, step: string | number): TreeNode | undefined {
  if (Array.isArray(value)) {
    const index = Number(step);
    return index in value ? { at: [...at, index], value: value[index] } : undefined;
  }
  if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
  return { at: [...at, step], value: value[step] };
}

function follow(root: unknown, node: TreeNode, hops: number): TreeNode | undefined {
  const reference = isObject(node.value) ? textOf(node.value['$ref']) : undefined;
  if (reference === undefined || !reference.startsWith('#')) return node;
  return hops === 0 ? undefined : walk(root, fromPointer(decode(reference.slice(1))), hops - 1);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A stray percent sign is part of the name.
  }
}
