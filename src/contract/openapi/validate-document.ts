import { dereference, validate } from '@readme/openapi-parser';
import { messageOf, type Problem } from '../../errors/index.ts';
import { type Path, problemAt, type SourceDocument } from '../../source/index.ts';
import { isObject } from './json.ts';
import { nodeAt } from './tree.ts';

/**
 * What the OpenAPI specification forbids in a document, each with its place in the file.
 *
 * @param root the document with internal references only; it is not changed
 */
export async function validateDocument(source: SourceDocument, root: unknown): Promise<Problem[]> {
  try {
    const result = await validate(copyOf(root), { validate: { errors: { colorize: false } } });
    if (result.valid) return [];
    const hidden = result.additionalErrors;
    // What it validates, and shows in its messages, has every reference resolved.
    const resolved = await dereference(copyOf(root), { dereference: { circular: 'ignore' } });
    return [
      ...result.errors.map(({ message }) => toProblem(source, resolved, message)),
      ...(hidden > 0 ? [{ message: `and ${hidden} more` }] : []),
    ];
  } catch (error) {
    return [problemAt(source, [], messageOf(error))];
  }
}

type ParserDocument = Exclude<Parameters<typeof dereference>[0], string>;

/** A copy, as the parser resolves references in the object that it is given. */
function copyOf(root: unknown): ParserDocument {
  const copy: unknown = structuredClone(root);
  if (!isParserDocument(copy)) throw new TypeError('an OpenAPI document is a mapping');
  return copy;
}

/** The parser takes anything with an `openapi` version: telling what else is missing is its task. */
function isParserDocument(value: unknown): value is ParserDocument {
  return isObject(value) && typeof value['openapi'] === 'string';
}

/**
 * The parser's message shows where it means by a frame of the resolved document printed as JSON (`> 12 |`). That line
 * leads to a path, and the path to the file that the user wrote.
 */
function toProblem(source: SourceDocument, resolved: object, message: string): Problem {
  const [sentence = message] = message.split('\n', 1);
  const line = /^> *(\d+) \|/m.exec(message)?.[1];
  const path = line === undefined ? [] : pathAtLine(JSON.stringify(resolved, null, 2), Number(line));
  return problemAt(source, writtenAt(source, path), sentence.replace(/^[A-Z_]+ /, '').trim());
}

/** Where in the file the value at a path of the resolved document is written: behind the references on its way. */
function writtenAt(source: SourceDocument, path: Path): Path {
  for (let length = path.length; length > 0; length -= 1) {
    const node = nodeAt(source.data, path.slice(0, length));
    if (node !== undefined) return [...node.at, ...path.slice(length)];
  }
  return path;
}

/** The path of the value that starts on `line` (from 1) of JSON printed with an indentation of two. */
function pathAtLine(printed: string, line: number): Path {
  const path: (string | number)[] = [];
  const nextIndex: number[] = [];
  for (const text of printed.split('\n').slice(1, line)) {
    const depth = (text.length - text.trimStart().length) / 2 - 1;
    if (/^\s*[}\]]/.test(text)) continue;
    const key = /^\s*("(?:[^"\\]|\\.)*"): /.exec(text)?.[1];
    path.length = Math.min(path.length, depth + 1);
    if (key === undefined) {
      const isFirst = path.length <= depth;
      nextIndex[depth] = isFirst ? 0 : (nextIndex[depth] ?? -1) + 1;
      path[depth] = nextIndex[depth] ?? 0;
    } else {
      path[depth] = String(JSON.parse(key));
    }
  }
  return path;
}
