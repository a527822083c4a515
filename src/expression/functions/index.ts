/**
 * The functions that expressions may call, one file for each group; a new group is one file and one line here.
 * Knows nothing of scopes and templates.
 */
import type { Environment } from '@marcbachmann/cel-js';
import type { EvaluatorOptions } from '../evaluator-options.ts';
import { registerArithmetic } from './arithmetic.ts';
import { registerFake } from './fake.ts';
import { registerGenerators } from './generators.ts';
import { registerMatchers } from './matchers.ts';
import { registerMoney } from './money.ts';
import { registerText } from './text.ts';

const groups: readonly ((environment: Environment, options: EvaluatorOptions) => void)[] = [
  registerArithmetic,
  registerGenerators,
  registerFake,
  registerMatchers,
  registerMoney,
  registerText,
];

/** Adds every group to a new environment and gives it back. */
export function registerFunctions(environment: Environment, options: EvaluatorOptions): Environment {
  for (const register of groups) register(environment, options);
  return environment;
}
