import type { SuiteRunResult, TestResult } from './suite-result.ts';

/** What an engine says while it runs; secrets are already masked. */
export type RunEvent =
  | { readonly type: 'run-started'; readonly seed: number; readonly suites: number; readonly tests: number }
  | { readonly type: 'test-finished'; readonly result: TestResult }
  | { readonly type: 'run-finished'; readonly result: SuiteRunResult };
