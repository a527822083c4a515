import type { Failure, SuiteRunResult, TestResult } from '../../src/model/index.ts';

const place = { file: 'suites/a.yaml', line: 3, column: 5, length: 4 };

export const aFailure: Failure = {
  phase: 'steps',
  step: 'GET ${shop}/',
  message: 'status is 500, expected 2xx',
  place,
  frame: '> 3 | get: ${shop}/',
  mismatches: [{ subject: 'status', message: 'status is 500, expected 2xx', place }],
};

export function aTest(overrides: Partial<TestResult> = {}): TestResult {
  return {
    suite: 'Orders',
    file: 'suites/a.yaml',
    test: 'it works',
    tags: [],
    place,
    outcome: 'passed',
    startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    durationMs: 34,
    steps: [],
    failures: [],
    ...overrides,
  };
}

export function aRun(tests: readonly TestResult[], overrides: Partial<SuiteRunResult> = {}): SuiteRunResult {
  const count = (outcome: TestResult['outcome']) => tests.filter((test) => test.outcome === outcome).length;
  const names = [...new Set(tests.map(({ suite }) => suite))];
  return {
    seed: 123,
    startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    durationMs: 3_400,
    interrupted: false,
    counts: { passed: count('passed'), failed: count('failed'), skipped: count('skipped') },
    exchanges: 0,
    suites: names.map((suite) => ({
      suite,
      file: 'suites/a.yaml',
      tests: tests.filter((test) => test.suite === suite),
    })),
    ...overrides,
  };
}
