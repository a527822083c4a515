import type { ParseResult } from '@marcbachmann/cel-js';

/** A node of the parsed expression. */
export type Node = ParseResult['ast'];

/** Macros that bind a variable: `items.filter(x, x > 1)`. What stands after the receiver only means something inside. */
export const COMPREHENSIONS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

/** The nodes directly below `node`, in source order. */
export function childrenOf(node: Node): Node[] {
  return nodesIn(node.args);
}

function nodesIn(args: unknown): Node[] {
  if (Array.isArray(args)) return args.flatMap(nodesIn);
  return isNode(args) ? [args] : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** The first node, outermost first, for which `wanted` holds. */
export function findNode(node: Node, wanted: (node: Node) => boolean): Node | undefined {
  if (wanted(node)) return node;
  for (const child of childrenOf(node)) {
    const found = findNode(child, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every identifier in the expression, bound variables included. */
export function identifiersIn(node: Node): Set<string> {
  const names = new Set<string>(node.op === 'id' ? [node.args] : []);
  for (const child of childrenOf(node)) for (const name of identifiersIn(child)) names.add(name);
  return names;
}

/** `is.…`, or `matches('…')` as a function; the method `text.matches('…')` is CEL's own and gives a bool. */
export const isMatcherCall = (node: Node): boolean =>
  (node.op === 'id' && node.args === 'is') || (node.op === 'call' && node.args[0] === 'matches');

/** The text of a node as the user wrote it. */
export function textOf(node: Node): string {
  return node.input.slice(node.range.start, node.range.end);
}
