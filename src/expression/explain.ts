import {
  TypeError as CelTypeError,
  type Environment,
  EvaluationError,
  ParseError,
  type SourceRange,
} from '@marcbachmann/cel-js';
import { didYouMean } from '../source/index.ts';
import { ExpressionError } from './expression-error.ts';
import { findNode, textOf } from './syntax-tree.ts';

interface Circumstances {
  readonly source: string;
  /** Variables that are in scope. */
  readonly names: readonly string[];
  readonly environment: Environment;
  /** Evaluates a part of the expression; only there when data is. */
  readonly evaluatePart?: (source: string) => unknown;
}

interface CelError {
  readonly code: string;
  readonly summary: string;
  readonly range?: SourceRange;
}

/** A CEL error in the words of the person who wrote the expression. Anything else is passed on as it is. */
export function explain(error: unknown, circumstances: Circumstances): ExpressionError {
  const { source } = circumstances;
  if (error instanceof ExpressionError) return error;
  if (!isCelError(error)) throw error;
  const { start, end } = error.range ?? { start: 0, end: source.length };
  // A function of ours that refuses its argument says more than the library's wrapping of it.
  const own = error.cause instanceof ExpressionError ? error.cause : undefined;
  return new ExpressionError({
    ...(own === undefined ? wordsFor(error, circumstances) : { message: own.message, hint: own.hint }),
    source,
    offset: Math.min(start, source.length),
    length: Math.max(1, end - start),
    cause: error,
  });
}

function isCelError(error: unknown): error is CelError & Error {
  return error instanceof ParseError || error instanceof EvaluationError || error instanceof CelTypeError;
}

interface Words {
  readonly message: string;
  readonly hint?: string | undefined;
}

function wordsFor(error: CelError, circumstances: Circumstances): Words {
  switch (error.code) {
    case 'unknown_variable':
      return unknownVariable(error.summary.replace(/^Unknown variable: /, ''), circumstances.names);
    case 'no_such_key':
      return noSuchKey(error, circumstances);
    case 'no_matching_overload':
      return noSuchFunction(error.summary, circumstances.environment);
    default:
      return { message: error.summary.replace(/^No such key: /, '') };
  }
}

function unknownVariable(name: string, names: readonly string[]): Words {
  return { message: `there is no \`${name}\` here`, hint: suggestion(name, names, 'in scope') };
}

function noSuchKey(error: CelError, { source, environment, evaluatePart }: Circumstances): Words {
  const key = error.summary.replace(
    /^No such key: (index out of bounds, index (?<index>\d+).*)?/,
    '$<index>',
  );
  const { start = 0, end = source.length } = error.range ?? {};
  const access = findNode(
    environment.parse(source).ast,
    (node) =>
      (node.op === '.' || node.op === '[]') &&
      (node.range.end === end || node.range.end === end + 1) &&
      node.range.start <= start,
  );
  const container = access?.op === '.' || access?.op === '[]' ? textOf(access.args[0]) : undefined;
  if (container === undefined || evaluatePart === undefined) return { message: `there is no \`${key}\`` };
  if (container === 'env') return { message: `the environment variable ${key} is not set` };
  const value = evaluatePart(container);
  if (typeof value !== 'object' || value === null)
    return { message: `\`${container}\` is ${JSON.stringify(value)} and has no \`${key}\`` };
  return {
    message: `\`${container}\` has no \`${key}\``,
    hint: suggestion(key, Object.keys(value), 'its keys'),
  };
}

/** `found no matching overload for 'string.lenght(int)'`: a misspelt name, or arguments that do not fit. */
function noSuchFunction(summary: string, environment: Environment): Words {
  const call = /'(?:(?<receiver>[\w.<>, ]+)\.)?(?<name>\w+)\((?<types>.*)\)'$/.exec(summary)?.groups;
  if (call === undefined) return { message: summary };
  const name = call['name'] ?? '';
  const isMethod = call['receiver'] !== undefined;
  const candidates = environment
    .getDefinitions()
    .functions.filter(({ receiverType }) => isMethod === (receiverType !== null));
  const same = candidates.filter((candidate) => candidate.name === name);
  if (same.length === 0) {
    const known = new Set(
      candidates
        .filter(
          ({ receiverType }) => !isMethod || receiverType === call['receiver'] || call['receiver'] === 'dyn',
        )
        .map((candidate) => candidate.name),
    );
    const near = didYouMean(name, known);
    return {
      message: `there is no function \`${name}\``,
      hint: near === undefined ? undefined : `did you mean \`${near}\`?`,
    };
  }
  return {
    message: `\`${name}\` does not take (${call['types'] ?? ''})`,
    hint: `it takes ${same.map(({ signature }) => `\`${signature}\``).join(' or ')}`,
  };
}

function suggestion(word: string, known: readonly string[], title: string): string | undefined {
  const near = didYouMean(word, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return known.length === 0 ? undefined : `${title}: ${known.slice(0, 20).join(', ')}`;
}
