import type { Scope } from '../../expression/index.ts';
import type { Mismatch } from '../../model/index.ts';
import type { Path } from '../../source/index.ts';
import { expressionAt, type PlacedExpression } from '../compile-context.ts';
import { StepFailure } from '../step-failure.ts';
import type { TestRun } from '../suite.ts';
import { ANSWER_SCOPE, ANSWERS_SCOPE } from './answer-scope.ts';
import type { Assertion } from './assertion.ts';

/** `that: [ body.total == order.body.total ]`: expressions that must be true. */
export const that: Assertion = {
  key: 'that',
  schema: {
    description:
      'an expression (CEL) that must be true, or a list of them; they see status, headers, body and every capture, in a parallel step statuses and responses',
    anyOf: [
      { type: 'string', minLength: 1, description: 'an expression' },
      {
        type: 'array',
        items: { type: 'string', minLength: 1, description: 'an expression' },
        minItems: 1,
        description: 'a list of at least one expression',
      },
    ],
  },
  compile: (value, path, context) => {
    const { isParallel } = context;
    const names = isParallel ? ANSWERS_SCOPE : ANSWER_SCOPE;
    const expressions = listed(value, path).map(({ source, at }) => expressionAt(context, at, source, names));
    const check = (scope: object, run: TestRun) =>
      expressions.flatMap((expression) => hold(expression, run, { ...scope }));
    return isParallel ? { about: 'all', check } : { about: 'each', check };
  },
};

function listed(value: unknown, path: Path): { source: string; at: Path }[] {
  if (!Array.isArray(value)) return [{ source: String(value), at: path }];
  return value.map((source, index) => ({ source: String(source), at: [...path, index] }));
}

function hold(expression: PlacedExpression, run: TestRun, scope: Scope): Mismatch[] {
  const { source, place } = expression;
  const mismatch = (message: string): Mismatch[] => [
    { subject: 'that', message, place, trace: expression.trace(run, scope) },
  ];
  try {
    const value = expression.evaluate(run, scope);
    if (value === true) return [];
    return mismatch(
      value === false ? `false: ${source}` : `neither true nor false but ${JSON.stringify(value)}: ${source}`,
    );
  } catch (error) {
    if (error instanceof StepFailure) return mismatch(`${error.message}: ${source}`);
    throw error;
  }
}
