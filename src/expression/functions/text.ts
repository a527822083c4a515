import type { Environment } from '@marcbachmann/cel-js';
import { ExpressionError } from '../expression-error.ts';

/** Enough to pass the limit of any service, too little to exhaust the memory of a run. */
const MAX_LENGTH = 10_000_000;

/** `repeat("x", 3)` is "xxx": bodies and fields that are too long. */
export function registerText(environment: Environment): void {
  environment.registerFunction('repeat(string, int): string', repeat, {
    description: 'the text so many times, at most ten million characters in all',
  });
}

function repeat(text: string, count: bigint): string {
  const times = Number(count);
  if (times < 0 || text.length * times > MAX_LENGTH) {
    throw new ExpressionError({
      message: `repeat() gives from 0 to ${MAX_LENGTH} characters, not ${text.length * times}`,
      source: text,
      offset: 0,
      length: text.length,
    });
  }
  return text.repeat(times);
}
