import type { Environment } from '@marcbachmann/cel-js';

const operations = {
  '+': (left: number, right: number) => left + right,
  '-': (left: number, right: number) => left - right,
  '*': (left: number, right: number) => left * right,
  '/': (left: number, right: number) => left / right,
} as const;

/** CEL refuses `1 + 2.5`; JSON does not tell 2 from 2.0, so here an int beside a double counts as a double. */
export function registerArithmetic(environment: Environment): void {
  for (const [operator, apply] of Object.entries(operations)) {
    const handler = (left: unknown, right: unknown) => apply(Number(left), Number(right));
    environment.registerOperator(`int ${operator} double`, handler);
    environment.registerOperator(`double ${operator} int`, handler);
  }
}
