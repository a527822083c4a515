import type { Evaluator, Scope } from './evaluator.ts';
import { ExpressionError } from './expression-error.ts';
import { type Segment, splitTemplate } from './template-segments.ts';
import { toText } from './values.ts';

type Path = readonly (string | number)[];

/** An expression found in a template: which scalar it stands in, and where in that scalar. */
export interface TemplateExpression {
  readonly path: Path;
  readonly offset: number;
  readonly source: string;
}

export interface TemplateProblem {
  readonly path: Path;
  readonly offset: number;
  readonly message: string;
}

export interface Template {
  readonly expressions: readonly TemplateExpression[];
  /** What makes it unusable; empty for a good template. */
  readonly problems: readonly TemplateProblem[];
  /**
   * The value with every `${}` replaced. An expression that is the whole scalar keeps its type, others become text.
   *
   * @throws ExpressionError with `at`: path and offset of the expression in the template
   */
  resolve(evaluator: Evaluator, scope: Scope): unknown;
}

type Resolve = (evaluator: Evaluator, scope: Scope) => unknown;

/** Reads the `${}` of every string in a JSON-like value; keys are taken as they are. `$${` is a literal `${`. */
export function compileTemplate(value: unknown): Template {
  const expressions: TemplateExpression[] = [];
  const problems: TemplateProblem[] = [];
  const compileScalar = (scalar: string, path: Path): Resolve => {
    const split = splitTemplate(scalar);
    if (!split.ok) {
      problems.push({ path, offset: split.offset, message: split.message });
      return () => scalar;
    }
    for (const segment of split.segments)
      if (segment.kind === 'expression')
        expressions.push({ path, offset: segment.offset, source: segment.source });
    return scalarResolver(split.segments, path);
  };
  const compile = (part: unknown, path: Path): Resolve => {
    if (typeof part === 'string') return compileScalar(part, path);
    if (Array.isArray(part)) {
      const items = part.map((item: unknown, index) => compile(item, [...path, index]));
      return (evaluator, scope) => items.map((resolve) => resolve(evaluator, scope));
    }
    if (typeof part !== 'object' || part === null) return () => part;
    const entries = Object.entries(part).map(([key, item]) => [key, compile(item, [...path, key])] as const);
    return (evaluator, scope) =>
      Object.fromEntries(entries.map(([key, resolve]) => [key, resolve(evaluator, scope)]));
  };
  return { resolve: compile(value, []), expressions, problems };
}

function scalarResolver(segments: readonly Segment[], path: Path): Resolve {
  const [only] = segments;
  if (segments.length === 1 && only?.kind === 'expression')
    return (evaluator, scope) => placed(only, path, () => evaluator.evaluate(only.source, scope));
  return (evaluator, scope) =>
    segments
      .map((segment) =>
        segment.kind === 'text'
          ? segment.text
          : placed(segment, path, () => toText(evaluator.evaluate(segment.source, scope), segment.source)),
      )
      .join('');
}

function placed<T>(segment: { readonly offset: number }, path: Path, evaluate: () => T): T {
  try {
    return evaluate();
  } catch (error) {
    throw error instanceof ExpressionError ? error.within(path, segment.offset) : error;
  }
}
