import { loadFakeData } from '../expression/index.ts';
import type { HttpClient } from '../http/index.ts';
import { createMask } from '../lib/mask.ts';
import type { Exchange, Finding, Outcome, RunEvent, SuiteRunResult, TestResult } from '../model/index.ts';
import { runTest, skippedTest, type TestEnvironment } from './run-test.ts';
import { type Selection, selectTests } from './select.ts';
import { serviceScope } from './service-scope.ts';
import type { Suite, Test, TestRow } from './suite.ts';

export interface RunSuitesOptions {
  /** From `loadSuites`. */
  readonly suites: readonly Suite[];
  /** Base URLs by service name. */
  readonly services: Readonly<Record<string, string>>;
  readonly client: HttpClient;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** How many suites run at the same time; tests of one suite keep their order unless it says `parallel: true`. Default 1. */
  readonly jobs?: number;
  /** Stop after the first failure; what was not run is `skipped`. */
  readonly bail?: boolean;
  readonly selection?: Selection;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly onEvent?: (event: RunEvent) => void;
  /** What contracts say of an exchange. */
  readonly checkExchange?: (exchange: Exchange) => readonly Finding[];
}

/**
 * Runs the selected tests. Never throws for what a service does: that is in the result.
 *
 * @throws ShopctlError `nothing-to-test` when the selection leaves no test
 */
export async function runSuites(options: RunSuitesOptions): Promise<SuiteRunResult> {
  const { seed, signal, jobs = 1, now = Date.now, onEvent = () => undefined } = options;
  const suites = selectTests(options.suites, options.selection ?? {});
  const planned = suites.map(plan);
  const environment = await environmentFor(options, suites);
  const startedAtMs = now();
  const start = performance.now();
  const results = new Map<PlannedTest, TestResult>();
  let isBailing = false;
  const runOne = async (planned: PlannedTest): Promise<void> => {
    const why = reasonToSkip(planned, { isBailing, isInterrupted: signal.aborted });
    const result = why === undefined ? await runTest(planned, environment) : skippedTest(planned, why, now());
    if (result.outcome === 'failed' && options.bail === true) isBailing = true;
    results.set(planned, result);
    onEvent({ type: 'test-finished', result });
  };
  onEvent({ type: 'run-started', seed, suites: suites.length, tests: planned.flat().length });
  await inParallel(planned.flatMap(toUnits), jobs, async (unit) => {
    for (const test of unit) await runOne(test);
  });
  const result = summarize(planned, results, {
    ...{ seed, startedAtMs, durationMs: performance.now() - start, interrupted: signal.aborted },
  });
  onEvent({ type: 'run-finished', result });
  return result;
}

interface PlannedTest {
  readonly suite: Suite;
  readonly test: Test;
  readonly row: TestRow;
}

const plan = (suite: Suite): PlannedTest[] =>
  suite.tests.flatMap((test) => test.rows.map((row) => ({ suite, test, row })));

/** What has to run one after the other: a whole suite, or one test of a suite that allows more. */
const toUnits = (tests: readonly PlannedTest[]): (readonly PlannedTest[])[] =>
  tests[0]?.suite.isParallel === true ? tests.map((test) => [test]) : [tests];

function reasonToSkip(
  { suite, test }: PlannedTest,
  { isBailing, isInterrupted }: { isBailing: boolean; isInterrupted: boolean },
): string | undefined {
  if (suite.skip !== undefined) return suite.skip;
  if (test.skip !== undefined) return test.skip;
  if (isInterrupted) return 'the run was interrupted';
  return isBailing ? 'an earlier test failed (--bail)' : undefined;
}

async function environmentFor(options: RunSuitesOptions, suites: readonly Suite[]): Promise<TestEnvironment> {
  const { client, seed, signal, now = Date.now, env = {}, checkExchange = () => [] } = options;
  const needsFake = suites.some((suite) => suite.mentionsFakeData);
  return {
    ...{ client, seed, signal, now, env, checkExchange },
    services: serviceScope(options.services),
    fake: needsFake ? await loadFakeData() : undefined,
    mask: createMask(env),
  };
}

async function inParallel<T>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(jobs, items.length)) }, worker));
}

function summarize(
  planned: readonly (readonly PlannedTest[])[],
  results: ReadonlyMap<PlannedTest, TestResult>,
  facts: Pick<SuiteRunResult, 'seed' | 'startedAtMs' | 'durationMs' | 'interrupted'>,
): SuiteRunResult {
  const suites = planned.map((tests) => ({
    suite: tests[0]?.suite.name ?? '',
    file: tests[0]?.suite.file ?? '',
    tests: tests.flatMap((test) => results.get(test) ?? []),
  }));
  const all = suites.flatMap(({ tests }) => tests);
  const count = (outcome: Outcome) => all.filter((test) => test.outcome === outcome).length;
  return {
    ...facts,
    counts: { passed: count('passed'), failed: count('failed'), skipped: count('skipped') },
    exchanges: all.flatMap(({ steps }) => steps).reduce((sum, step) => sum + step.exchanges.length, 0),
    suites,
  };
}
