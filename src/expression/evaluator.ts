import { Environment, type ParseResult, serialize } from '@marcbachmann/cel-js';
import type { EvaluatorOptions } from './evaluator-options.ts';
import { explain } from './explain.ts';
import type { ExpressionError } from './expression-error.ts';
import { registerFunctions } from './functions/index.ts';
import { findNode, identifiersIn, isMatcherCall } from './syntax-tree.ts';
import { type TraceLine, traceNode } from './trace.ts';
import { fromCel, toCel } from './values.ts';

/** Names and their JSON-like values. `env` and the functions are there besides. */
export type Scope = Readonly<Record<string, unknown>>;

export interface Evaluator {
  /** @throws ExpressionError when it cannot be read, or the data at hand does not allow it */
  evaluate(source: string, scope: Scope): unknown;
  /** What is wrong with `source` before any data is there: syntax, names that are not in `names`, types that cannot fit. */
  check(source: string, names: Iterable<string>): ExpressionError | undefined;
  /** Whether a variable may have this name: an identifier that CEL and the functions leave free. */
  canName(name: string): boolean;
  /** The identifiers that a readable expression mentions. */
  identifiers(source: string): ReadonlySet<string>;
  /** Whether a readable expression makes a matcher: `is.uuid()`, `matches('…')`, but not `id.matches('…')`. */
  makesMatcher(source: string): boolean;
  /** The values of the sub-expressions, for the report of an expression that was false. */
  trace(source: string, scope: Scope): readonly TraceLine[];
}

/** An evaluator with its own sequence of chance; parsed expressions are kept, so evaluating again is cheap. */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const environment = registerFunctions(newEnvironment(), options);
  // Cloning shuts the parent against further functions, so each check may add names of its own.
  const strict = (names: readonly string[]) =>
    names.reduce(
      (checker, name) => checker.registerVariable(name, 'dyn'),
      environment.clone({ unlistedVariablesAreDyn: false }),
    );
  const env = Object.fromEntries(Object.entries(options.env).filter(([, value]) => value !== undefined));
  const parsed = new Map<string, ParseResult>();
  const checkers = new Map<string, Environment>();
  const known = new WeakMap<object, unknown>();

  const parse = (source: string): ParseResult => {
    const result = parsed.get(source) ?? environment.parse(source);
    parsed.set(source, result);
    return result;
  };
  const contextOf = (scope: Scope): Record<string, unknown> =>
    Object.fromEntries(Object.entries({ env, ...scope }).map(([name, value]) => [name, toCel(value, known)]));
  const guarded = <T>(source: string, scope: Scope, run: () => T): T => {
    try {
      return run();
    } catch (error) {
      const evaluatePart = (text: string) => fromCel(environment.evaluate(text, contextOf(scope)));
      throw explain(error, { source, names: Object.keys({ env, ...scope }), environment, evaluatePart });
    }
  };
  const checkerFor = (names: readonly string[]): Environment => {
    const key = names.join(' ');
    const checker = checkers.get(key) ?? strict(names);
    checkers.set(key, checker);
    return checker;
  };

  return {
    evaluate: (source, scope) => guarded(source, scope, () => fromCel(parse(source)(contextOf(scope)))),
    check: (source, names) => {
      const all = [...new Set(['env', ...names])].sort();
      const { valid, error } = checkerFor(all).check(source);
      return valid ? undefined : explain(error, { source, names: all, environment });
    },
    canName: (name) => {
      if (name === 'env' || !/^[a-z_]\w*$/i.test(name)) return false;
      try {
        strict([name]);
        return true;
      } catch {
        // The library knows its reserved words and types, and says so by throwing.
        return false;
      }
    },
    identifiers: (source) => guarded(source, {}, () => identifiersIn(parse(source).ast)),
    makesMatcher: (source) =>
      guarded(source, {}, () => findNode(parse(source).ast, isMatcherCall) !== undefined),
    trace: (source, scope) =>
      guarded(source, scope, () => {
        const context = contextOf(scope);
        return traceNode(parse(source).ast, (node) =>
          guarded(source, scope, () => fromCel(environment.evaluate(serialize(node), context))),
        );
      }),
  };
}

function newEnvironment(): Environment {
  return new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
  });
}
