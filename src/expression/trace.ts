import { COMPREHENSIONS, childrenOf, type Node, textOf } from './syntax-tree.ts';

/** One sub-expression and what it was. */
export interface TraceLine {
  readonly source: string;
  readonly value?: unknown;
  /** Instead of a value: why there is none. */
  readonly error?: string;
}

/** Functions whose value changes from call to call: asking again would tell another story. */
const UNREPEATABLE: ReadonlySet<string> = new Set(['uuid', 'unique', 'seq', 'now']);

/**
 * The values of the sub-expressions of an expression that turned out false, outermost first, each source once.
 * Literals explain themselves, and a path (`order.body.total`) is told as a whole unless it has no value.
 */
export function traceNode(root: Node, evaluatePart: (node: Node) => unknown): TraceLine[] {
  const lines = new Map<string, TraceLine>();
  const visit = (node: Node): void => {
    const line = isTelling(node) && (node !== root || isPath(node)) ? lineFor(node, evaluatePart) : undefined;
    if (line !== undefined) lines.set(line.source, line);
    const isToldWhole = isPath(node) && line !== undefined && line.error === undefined;
    if (!isToldWhole) for (const child of tracedChildren(node)) visit(child);
  };
  visit(root);
  return [...lines.values()];
}

function lineFor(node: Node, evaluatePart: (node: Node) => unknown): TraceLine {
  const source = textOf(node);
  try {
    return { source, value: evaluatePart(node) };
  } catch (error) {
    return { source, error: error instanceof Error ? error.message : String(error) };
  }
}

function tracedChildren(node: Node): Node[] {
  if (node.op === 'rcall' && COMPREHENSIONS.has(node.args[0])) return [node.args[1]];
  if (node.op === 'call' && node.args[0] === 'has') return childrenOf(node).flatMap(childrenOf);
  return childrenOf(node);
}

const isPath = (node: Node): boolean =>
  node.op === 'id' || node.op === '.' || node.op === '.?' || node.op === '[]' || node.op === '[?]';

function isTelling(node: Node): boolean {
  if (node.op === 'value' || node.op === 'list' || node.op === 'map') return false;
  if (node.op === 'id') return node.args !== 'is' && node.args !== 'fake';
  return !isUnrepeatable(node);
}

function isUnrepeatable(node: Node): boolean {
  if (node.op === 'call' && UNREPEATABLE.has(node.args[0])) return true;
  if (node.op === 'id' && node.args === 'fake') return true;
  return childrenOf(node).some(isUnrepeatable);
}
