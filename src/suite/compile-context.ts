import type { Problem } from '../errors/index.ts';
import {
  compileTemplate,
  type Evaluator,
  ExpressionError,
  type Scope,
  type TraceLine,
} from '../expression/index.ts';
import { codeFrame, type Path, type Place, problemAt, type SourceDocument } from '../source/index.ts';
import { StepFailure } from './step-failure.ts';
import type { SharedSteps, TestRun } from './suite.ts';

/** What is known at one point of a file while it is read. */
export interface CompileContext {
  readonly document: SourceDocument;
  readonly checker: Evaluator;
  readonly problems: Problem[];
  /** Names that an expression may use here; captures join as their steps are read. */
  readonly names: Set<string>;
  /** Those names that are captures. */
  readonly captures: Set<string>;
  /** Captures that the step being read mentions. */
  readonly reads: Set<string>;
  /** Reads the file that a step uses; undefined when it cannot be used, which is then among the problems. */
  useFile(target: string, path: Path): SharedSteps | undefined;
}

/** A template of the file: resolves in a run, and points into the file when it cannot. */
export type PlacedTemplate = (run: TestRun, extra?: Scope) => unknown;

export interface PlacedExpression {
  readonly source: string;
  readonly place: Place;
  evaluate(run: TestRun, extra?: Scope): unknown;
  trace(run: TestRun, extra?: Scope): readonly TraceLine[];
}

/** Reads the value at `path` as a template; `extra` names are in scope besides. */
export function templateAt(
  context: CompileContext,
  path: Path,
  value: unknown,
  extra: readonly string[] = [],
): PlacedTemplate {
  const { document } = context;
  const template = compileTemplate(value);
  for (const { path: below, offset, message } of template.problems) {
    context.problems.push(
      problemFrom(document, spotOf(document, [...path, ...below], '${', offset), message),
    );
  }
  for (const { path: below, offset, source } of template.expressions) {
    checkExpression(context, { path: [...path, ...below], source, from: offset, extra });
  }
  return (run, extraScope = {}) => {
    try {
      return template.resolve(run.evaluator, { ...run.scope, ...extraScope });
    } catch (error) {
      throw placed(error, document, path);
    }
  };
}

/** Reads the value at `path` as a template of what is sent: a matcher in it would go out as its own name. */
export function sentTemplateAt(context: CompileContext, path: Path, value: unknown): PlacedTemplate {
  const { document, checker, problems } = context;
  const resolve = templateAt(context, path, value);
  for (const { path: below, offset, source } of compileTemplate(value).expressions) {
    const at = [...path, ...below];
    if (checker.check(source, context.names) !== undefined || !checker.makesMatcher(source)) continue;
    const message = `\`${source}\` is a matcher and cannot be sent`;
    const hint = 'matchers stand in `body`, `exactly` and `headers` of `expect`';
    problems.push(problemFrom(document, spotOf(document, at, source, offset), message, hint));
  }
  return resolve;
}

/** Reads the scalar at `path` as one expression. */
export function expressionAt(
  context: CompileContext,
  path: Path,
  source: string,
  extra: readonly string[] = [],
): PlacedExpression {
  const { document } = context;
  if (checkExpression(context, { path, source, from: 0, extra })) refusePointless(context, path, source);
  const scopeOf = (run: TestRun, extraScope: Scope) => ({ ...run.scope, ...extraScope });
  return {
    source,
    place: document.placeOf(path),
    evaluate: (run, extraScope = {}) => {
      try {
        return run.evaluator.evaluate(source, scopeOf(run, extraScope));
      } catch (error) {
        throw placed(error, document, path);
      }
    },
    trace: (run, extraScope = {}) => run.evaluator.trace(source, scopeOf(run, extraScope)),
  };
}

/** Takes a name for a capture or a parameter, and says so when it cannot be had. */
export function declare(context: CompileContext, name: string, path: Path): void {
  const say = (message: string, hint?: string) =>
    context.problems.push(problemAt(context.document, path, message, hint));
  if (ANSWER_NAMES.includes(name) || name === 'case') {
    say(`\`${name}\` has a meaning of its own and cannot be an id`);
  } else if (!context.checker.canName(name)) {
    say(
      `\`${name}\` cannot be a name`,
      'use letters, digits and `_`, and no word of the expression language',
    );
  } else if (context.captures.has(name)) {
    say(`the id \`${name}\` is already taken by an earlier step`);
  } else if (context.names.has(name)) {
    say(`\`${name}\` is already the name of a service or parameter`);
  }
  if (!context.checker.canName(name)) return;
  context.names.add(name);
  context.captures.add(name);
}

/** Names in scope of `expect` and `poll`, and the keys of a capture: the answer at hand. */
export const ANSWER_NAMES: readonly string[] = [
  'status',
  'headers',
  'body',
  'text',
  'duration_ms',
  'statuses',
  'responses',
];

interface Found {
  readonly path: Path;
  readonly source: string;
  /** Where in the scalar the expression starts. */
  readonly from: number;
  readonly extra: readonly string[];
}

function checkExpression(context: CompileContext, { path, source, from, extra }: Found): boolean {
  const { document, checker, problems, names, captures, reads } = context;
  const error = checker.check(source, [...names, ...extra]);
  if (error !== undefined) {
    const spot = spotOf(document, path, source, from);
    problems.push(problemFrom(document, narrow(spot, error), error.message, elsewhere(error) ?? error.hint));
    return false;
  }
  for (const name of checker.identifiers(source)) if (captures.has(name)) reads.add(name);
  return true;
}

/** The body of an answer is only in scope where an answer is at hand. */
function elsewhere(error: ExpressionError): string | undefined {
  const word = error.source.slice(error.offset, error.offset + error.length);
  if (ANSWER_NAMES.includes(word))
    return `\`${word}\` is known in \`expect\` and \`poll\`; elsewhere give the step an \`id\` and write \`<id>.${word}\``;
  return undefined;
}

/** A condition that is the same whatever the service answers. */
function refusePointless({ checker, document, problems }: CompileContext, path: Path, source: string): void {
  if (checker.makesMatcher(source)) {
    // No value equals a matcher, so `!=` beside one would always be true.
    const message = `\`${source}\` uses a matcher, and no value is equal to one`;
    const hint =
      "matchers stand in `body`, `exactly` and `headers`; here write such as body.id.matches('^ord-')";
    problems.push(problemAt(document, path, message, hint));
  } else if (checker.identifiers(source).size === 0) {
    problems.push(problemAt(document, path, `\`${source}\` looks at nothing, so it cannot fail`));
  }
}

function placed(error: unknown, document: SourceDocument, base: Path): unknown {
  if (!(error instanceof ExpressionError)) return error;
  const path = [...base, ...(error.at?.path ?? [])];
  const spot = spotOf(document, path, error.source, error.at?.offset ?? 0);
  const place = narrow(spot, error);
  return new StepFailure({ message: error.message, hint: error.hint, document, place, cause: error });
}

/**
 * Where `text`, which stands `offset` into a scalar's value, is in the file. Quotes and escapes only ever push it
 * to the right, so it is searched from there; a folded scalar may hold it on several lines, then the scalar is meant.
 */
function spotOf(document: SourceDocument, path: Path, text: string, offset: number): Place {
  const scalar = document.placeOf(path);
  const lines = document.text.split('\n');
  let column = scalar.column - 1 + offset;
  for (let line = scalar.line; line <= Math.min(lines.length, scalar.line + MAX_SCALAR_LINES); line += 1) {
    const found = (lines[line - 1] ?? '').indexOf(text, column);
    if (found !== -1) return { file: scalar.file, line, column: found + 1, length: text.length };
    column = 0;
  }
  return scalar;
}

const MAX_SCALAR_LINES = 20;

function narrow(spot: Place, error: ExpressionError): Place {
  if (spot.length !== error.source.length) return spot;
  return { ...spot, column: spot.column + error.offset, length: error.length };
}

function problemFrom(document: SourceDocument, place: Place, message: string, hint?: string): Problem {
  return { message, place, frame: codeFrame(document.text, place), ...(hint === undefined ? {} : { hint }) };
}
