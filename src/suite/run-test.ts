import { basename } from 'node:path';
import { createEvaluator, type FakeData } from '../expression/index.ts';
import type { HttpClient } from '../http/index.ts';
import type { Mask } from '../lib/mask.ts';
import { deriveSeed, seededRandom } from '../lib/random.ts';
import type { Exchange, Failure, Finding, Phase, StepResult, TestResult } from '../model/index.ts';
import { codeFrame } from '../source/index.ts';
import { maskedResult } from './masked-result.ts';
import { StepFailure } from './step-failure.ts';
import type { Step, Suite, Test, TestRow, TestRun } from './suite.ts';

/** `always` gets this long in all, so that a run that was stopped does stop. */
const ALWAYS_LIMIT_MS = 10_000;
/** Of a body, this much is kept for reports; expectations see all of it. */
const KEPT_BODY_LENGTH = 64 * 1024;

export interface TestEnvironment {
  /** What every scope holds: base URLs by variable name, and all of them by service name in `services`. */
  readonly services: Readonly<Record<string, unknown>>;
  readonly client: HttpClient;
  readonly seed: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly fake: FakeData | undefined;
  readonly mask: Mask;
  readonly signal: AbortSignal;
  /** What contracts say of an exchange; a finding fails the test that sent the request. */
  readonly checkExchange: (exchange: Exchange) => readonly Finding[];
}

interface TestAtHand {
  readonly suite: Suite;
  readonly test: Test;
  readonly row: TestRow;
}

/** Runs one test, or one row of its cases, to its end; whatever goes wrong is in the result. */
export async function runTest(at: TestAtHand, environment: TestEnvironment): Promise<TestResult> {
  const { suite, test, row } = at;
  const startedAtMs = environment.now();
  const start = performance.now();
  const log = new TestLog();
  const run = newRun(at, environment, log);
  const ended = await runPhases({ test, row, run, log });
  const isInterrupted = environment.signal.aborted && !ended;
  const failures = isInterrupted ? [] : log.failures;
  const result: TestResult = {
    ...{ suite: suite.name, file: suite.file, test: test.name, tags: test.tags, place: test.place },
    ...(row.label === undefined ? {} : { case: row.label }),
    outcome: isInterrupted ? 'skipped' : failures.length > 0 ? 'failed' : 'passed',
    ...(isInterrupted ? { skipped: 'the run was interrupted' } : {}),
    ...{ startedAtMs, durationMs: performance.now() - start, steps: log.steps, failures },
  };
  return maskedResult(result, environment.mask);
}

/** A test that is not run, and why. */
export function skippedTest({ suite, test, row }: TestAtHand, why: string, startedAtMs: number): TestResult {
  return {
    ...{ suite: suite.name, file: suite.file, test: test.name, tags: test.tags, place: test.place },
    ...(row.label === undefined ? {} : { case: row.label }),
    ...{ outcome: 'skipped', skipped: why, startedAtMs, durationMs: 0, steps: [], failures: [] },
  };
}

/** What happens in a test, in order. */
export class TestLog {
  readonly steps: StepResult[] = [];
  readonly failures: Failure[] = [];
  exchanges: Exchange[] = [];
  findings: { exchange: Exchange; finding: Finding }[] = [];
}

function newRun({ suite, test, row }: TestAtHand, environment: TestEnvironment, log: TestLog): TestRun {
  const { services, client, seed, env, now, fake, mask, signal, checkExchange } = environment;
  const random = seededRandom(
    deriveSeed(seed, [basename(suite.file), suite.name, test.name, row.index].join('\n')),
  );
  return {
    evaluator: createEvaluator({ random, now, env, fake }),
    services,
    scope: { ...services },
    signal,
    async send(request, timeoutMs) {
      const exchange = await client.send(request, { signal: this.signal, timeoutMs });
      mask.learn(exchange.request);
      if (exchange.response !== undefined) mask.learn(exchange.response);
      log.exchanges.push(exchange);
      log.findings.push(...checkExchange(exchange).map((finding) => ({ exchange, finding })));
      return exchange;
    },
  };
}

export interface Phases {
  readonly test: Test;
  readonly row: TestRow;
  readonly run: TestRun;
  readonly log: TestLog;
}

/** @returns whether `before` and `steps` came to their end, good or bad, before the run was stopped */
export async function runPhases({ test, row, run, log }: Phases): Promise<boolean> {
  const isReady = takeRow({ test, row, run, log });
  const main = { run, log };
  const isGood = isReady && (await runUntilFailure(test.before, 'before', main));
  if (isGood) await runUntilFailure(test.steps, 'steps', main);
  const ended = !run.signal.aborted;
  // A signal of its own: clean-up is exactly what has to happen after an abort.
  const last = { run: { ...run, signal: AbortSignal.timeout(ALWAYS_LIMIT_MS) }, log };
  for (const step of test.always) {
    const isReadable = [...step.reads].every((name) => Object.hasOwn(run.scope, name));
    if (isReadable) await runStep(step, 'always', last);
    else log.steps.push(skippedStep(step, 'always'));
  }
  return ended;
}

const skippedStep = ({ title }: Step, phase: Phase): StepResult => ({
  ...{ phase, step: title, outcome: 'skipped', durationMs: 0, exchanges: [] },
});

function takeRow({ test, row, run, log }: Phases): boolean {
  try {
    const values = row.values(run);
    if (values !== undefined) run.scope['case'] = values;
    return true;
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    log.failures.push(toFailure(error, { phase: 'before', step: `cases of ${test.name}` }));
    return false;
  }
}

interface Running {
  readonly run: TestRun;
  readonly log: TestLog;
}

async function runUntilFailure(steps: readonly Step[], phase: Phase, running: Running): Promise<boolean> {
  for (const step of steps) {
    if (running.run.signal.aborted) return false;
    if (!(await runStep(step, phase, running))) return false;
  }
  return true;
}

/** @returns whether it did what the file says */
async function runStep(step: Step, phase: Phase, { run, log }: Running): Promise<boolean> {
  const start = performance.now();
  const failuresBefore = log.failures.length;
  log.exchanges = [];
  log.findings = [];
  try {
    if (!step.isDue(run)) {
      log.steps.push(skippedStep(step, phase));
      return true;
    }
    await step.run(run);
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    log.failures.push(toFailure(error, { phase, step: step.title }));
  }
  log.failures.push(...contractFailures(step, phase, log));
  const isGood = log.failures.length === failuresBefore;
  log.steps.push({
    ...{ phase, step: step.title, outcome: isGood ? 'passed' : 'failed' },
    ...{ durationMs: performance.now() - start, exchanges: log.exchanges.map(bounded) },
  });
  return isGood;
}

function toFailure({ facts }: StepFailure, { phase, step }: { phase: Phase; step: string }): Failure {
  const { message, hint, document, place, exchange, mismatches = [], usedFrom } = facts;
  return {
    ...{ phase, step, message, place, mismatches },
    frame: codeFrame(document.text, place),
    ...(hint === undefined ? {} : { hint }),
    ...(usedFrom === undefined ? {} : { usedFrom }),
    ...(exchange === undefined ? {} : { exchange: bounded(exchange) }),
  };
}

/** One failure for each exchange that breaks a contract. */
function contractFailures(step: Step, phase: Phase, { findings }: TestLog): Failure[] {
  const exchanges = [...new Set(findings.map(({ exchange }) => exchange))];
  return exchanges.map((exchange): Failure => {
    const mismatches = findings
      .filter((entry) => entry.exchange === exchange)
      .map(({ finding: { rule, message, subject, pointer } }) => ({
        subject: 'contract',
        message: [subject, pointer, `${message} (${rule})`].filter(Boolean).join(': '),
      }));
    return {
      ...{ phase, step: step.title, place: step.place, mismatches },
      message: 'the exchange breaks its contract',
      frame: codeFrame(step.document.text, step.place),
      exchange: bounded(exchange),
    };
  });
}

function bounded(exchange: Exchange): Exchange {
  const { response } = exchange;
  if (response === undefined || response.text.length <= KEPT_BODY_LENGTH) return exchange;
  const { status, headers, text } = response;
  return {
    ...exchange,
    response: { status, headers, text: text.slice(0, KEPT_BODY_LENGTH), truncated: true },
  };
}
