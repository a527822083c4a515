import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
  type YAMLParseError,
} from 'yaml';
import { messageOf, ShopctlError } from '../errors/shopctl-error.ts';
import type { Place } from '../lib/place.ts';
import { codeFrame } from './code-frame.ts';

/** Where a value sits in a document: keys and list indices from the root. */
export type Path = readonly (string | number)[];

/** A parsed YAML file that still knows where everything stands. `data` is plain JSON-like data. */
export interface SourceDocument {
  readonly file: string;
  readonly text: string;
  readonly data: unknown;
  /** The place of the value (or of its key) at `path`; of the nearest existing ancestor where there is none. */
  placeOf(path: Path, part?: 'key' | 'value'): Place;
}

/**
 * Parses one YAML 1.2 document (JSON is a subset).
 *
 * @param file name to print in errors, relative to where the user stands
 * @throws ShopctlError `yaml-syntax` with the first syntax error, its place and code frame
 */
export function parseSource(file: string, content: string): SourceDocument {
  // A byte order mark is no character of the text: it would shift columns and stand unseen in code frames.
  const text = content.replace(/^\uFEFF/, '');
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    uniqueKeys: true,
  });
  const toPlace = (start: number, end: number): Place => {
    const { line, col } = lines.linePos(start);
    const newline = text.indexOf('\n', start);
    const stop = newline === -1 ? end : Math.min(end, newline);
    return { file, line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, stop - start) };
  };
  const [first] = document.errors;
  // One slip makes a parser complain about everything behind it: only the first complaint helps.
  if (first !== undefined)
    throw syntaxError(file, text, { message: sentenceOf(first), place: toPlace(...first.pos) });
  const refuseLone = (lone: Alias): never => {
    const message = `there is no anchor \`&${lone.source}\` before this alias`;
    const [start, end] = nodeRange(lone) ?? [0, 0];
    throw syntaxError(file, text, { message, place: toPlace(start, end) });
  };
  return {
    file,
    text,
    data: toData(file, document, refuseLone),
    placeOf: (path, part = 'value') => {
      const deref = (node: unknown) => (isAlias(node) ? node.resolve(document) : node);
      const [start, end] = rangeOf(document.contents, path, part, deref);
      return toPlace(start, end);
    },
  };
}

function syntaxError(
  file: string,
  text: string,
  { message, place }: { message: string; place: Place },
): ShopctlError {
  const frame = codeFrame(text, place);
  const unquoted = frame.replace(/"(?:\\.|[^"\\\n])*"|'[^'\n]*'/g, '');
  // Braces, `: ` and ` #` mean something to YAML, in expressions too; quotes around the whole text end that.
  const hint = unquoted.includes('${')
    ? { hint: 'put quotes around a value that has ${…} or `: ` in it' }
    : {};
  const problem = { message: firstSentence(message), place, frame, ...hint };
  return new ShopctlError('yaml-syntax', { message: `${file} is not valid YAML`, problems: [problem] });
}

function sentenceOf({ code, message }: YAMLParseError): string {
  return code === 'MULTIPLE_DOCS' ? 'a second document starts here; a file holds one' : message;
}

function firstLoneAlias(document: Document): Alias | undefined {
  let found: Alias | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      found = alias;
      return visit.BREAK;
    },
  });
  return found;
}

/** Aliases are resolved here, so this is where too many of them come to light, and those that lead nowhere. */
function toData(file: string, document: Document, refuseLone: (lone: Alias) => never): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const lone = firstLoneAlias(document);
    if (lone !== undefined) refuseLone(lone);
    const message = `${file} has an alias that cannot be resolved: ${messageOf(error)}`;
    throw new ShopctlError('yaml-syntax', { message, cause: error });
  }
}

type Range = [start: number, end: number];

function rangeOf(root: unknown, path: Path, part: 'key' | 'value', deref: (node: unknown) => unknown): Range {
  let node: unknown = root;
  let range: Range = nodeRange(root) ?? [0, 0];
  for (const [depth, step] of path.entries()) {
    const child = childOf(deref(node), step);
    if (child === undefined) return range;
    const wantsKey = part === 'key' && depth === path.length - 1;
    range =
      (wantsKey ? nodeRange(child.key) : undefined) ??
      nodeRange(child.value) ??
      nodeRange(child.key) ??
      range;
    node = child.value;
  }
  return range;
}

function childOf(container: unknown, step: string | number): { key: unknown; value: unknown } | undefined {
  if (isMap(container)) {
    const pair = container.items.find(
      (item: Pair) => isScalar(item.key) && String(item.key.value) === String(step),
    );
    return pair && { key: pair.key, value: pair.value };
  }
  if (isSeq(container) && typeof step === 'number') {
    const value = container.items[step];
    return value === undefined ? undefined : { key: undefined, value };
  }
  return undefined;
}

function nodeRange(node: unknown): Range | undefined {
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) ? [Number(range[0]), Number(range[1])] : undefined;
}

function firstSentence(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}
