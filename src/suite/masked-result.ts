import { isSecretName, MASK, type Mask } from '../lib/mask.ts';
import { maskedExchange } from '../lib/mask-exchange.ts';
import type { Difference, Failure, Mismatch, TestResult } from '../model/index.ts';

/**
 * A result without secrets. The words that the run itself works with (`failed`, `missing`, `steps`) stay what they
 * are: a service whose `token_status` is `failed` must not turn the outcome of a test into `***`.
 */
export function maskedResult(result: TestResult, mask: Mask): TestResult {
  const { outcome, steps, failures } = result;
  return {
    ...mask.apply({ ...result, steps: [], failures: [] }),
    outcome,
    steps: steps.map((step) => ({
      ...mask.apply({ ...step, exchanges: [] }),
      ...{ phase: step.phase, outcome: step.outcome },
      exchanges: step.exchanges.map((exchange) => maskedExchange(exchange, mask)),
    })),
    failures: failures.map((failure) => maskedFailure(failure, mask)),
  };
}

function maskedFailure({ exchange, ...failure }: Failure, mask: Mask): Failure {
  return {
    ...mask.apply({ ...failure, mismatches: [] }),
    phase: failure.phase,
    ...(exchange === undefined ? {} : { exchange: maskedExchange(exchange, mask) }),
    mismatches: failure.mismatches.map((mismatch) => maskedMismatch(mismatch, mask)),
  };
}

function maskedMismatch({ differences, trace, ...mismatch }: Mismatch, mask: Mask): Mismatch {
  return {
    ...mask.apply(mismatch),
    ...(differences && { differences: differences.map((difference) => maskedDifference(difference, mask)) }),
    ...(trace && {
      trace: trace.map((line) => ({
        ...mask.apply(line),
        ...(isSecretName(line.source) && typeof line.value === 'string' && { value: MASK }),
      })),
    }),
  };
}

/** A secret too short to be known by its value is known by where it stands; a matcher or `null` is no secret. */
function maskedDifference(difference: Difference, mask: Mask): Difference {
  const { path, expected, received } = mask.apply(difference);
  const shown = (json: string) => (isSecretName(path) && /^["\d[{-]/.test(json) ? MASK : json);
  return {
    path,
    kind: difference.kind,
    ...(expected === undefined ? {} : { expected: shown(expected) }),
    ...(received === undefined ? {} : { received: shown(received) }),
  };
}
