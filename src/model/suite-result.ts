import type { Place } from '../lib/place.ts';
import type { Exchange } from './exchange.ts';

/** One spot where an answer is not what was expected; `path` is written as in an expression: `body.items[0].id`. */
export interface Difference {
  readonly path: string;
  readonly kind: 'changed' | 'missing' | 'unexpected';
  /** JSON, or the name of a matcher; absent for `unexpected`. */
  readonly expected?: string;
  /** JSON; absent for `missing`. */
  readonly received?: string;
}

/** A part of an expression that was false, and what it was. */
export interface TracedValue {
  readonly source: string;
  readonly value?: unknown;
  readonly error?: string;
}

/** One expectation that was not met. */
export interface Mismatch {
  /** Which expectation, as its key in the file: `status`, `body`, `that`; or `contract`. */
  readonly subject: string;
  readonly message: string;
  readonly place?: Place;
  readonly differences?: readonly Difference[];
  readonly trace?: readonly TracedValue[];
}

export type Phase = 'before' | 'steps' | 'always';

/** Why a test failed: where, with which exchange, and what did not fit. */
export interface Failure {
  readonly phase: Phase;
  /** `POST ${orders}/api/orders`, as written. */
  readonly step: string;
  readonly message: string;
  readonly hint?: string;
  readonly place: Place;
  readonly frame: string;
  /** Where the file with the failing step is used, innermost first. */
  readonly usedFrom?: readonly Place[];
  readonly exchange?: Exchange;
  readonly mismatches: readonly Mismatch[];
}

export type Outcome = 'passed' | 'failed' | 'skipped';

export interface StepResult {
  readonly phase: Phase;
  readonly step: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly exchanges: readonly Exchange[];
}

/** One test, or one row of its `cases`. */
export interface TestResult {
  readonly suite: string;
  readonly file: string;
  readonly test: string;
  /** The row, in one line; absent for a test without `cases`. */
  readonly case?: string;
  readonly tags: readonly string[];
  readonly place: Place;
  readonly outcome: Outcome;
  /** Why it was not run. */
  readonly skipped?: string;
  /** Epoch milliseconds. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly steps: readonly StepResult[];
  readonly failures: readonly Failure[];
}

export interface SuiteResult {
  readonly suite: string;
  readonly file: string;
  readonly tests: readonly TestResult[];
}

/** Everything that came out of a run. */
export interface SuiteRunResult {
  readonly seed: number;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** True when the run was stopped from outside; tests that did not finish are `skipped`. */
  readonly interrupted: boolean;
  readonly counts: Readonly<Record<Outcome, number>>;
  /** How many requests were sent. */
  readonly exchanges: number;
  readonly suites: readonly SuiteResult[];
}
