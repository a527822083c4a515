import { setTimeout as sleep } from 'node:timers/promises';
import type { Evaluator } from '../expression/index.ts';
import type { HttpRequest } from '../http/index.ts';
import { createMask } from '../lib/mask.ts';
import type { Exchange, Failure } from '../model/index.ts';
import type { Place } from '../source/index.ts';
import type { Journey } from './compile-journey.ts';
import { runPhases, TestLog } from './run-test.ts';
import { serviceScope } from './service-scope.ts';
import { StepFailure } from './step-failure.ts';
import type { Step, TestRun } from './suite.ts';

export interface JourneyRun {
  readonly evaluator: Evaluator;
  /** Base URLs by service name. */
  readonly services: Readonly<Record<string, string>>;
  /** Values of the names that the journey's expressions may use besides. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts the steps; `always` comes after them in any case, and within ten seconds. */
  readonly signal: AbortSignal;
  /** Between two steps. */
  readonly pauseMs: number;
  send(request: HttpRequest, options: SendStep): Promise<Exchange>;
  /** Called once for each exchange, when the step that sent it knows what it thinks of it. */
  judged(exchange: Exchange, isExpected: boolean): void;
}

export interface SendStep {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Name of the step that sends. */
  readonly step: string;
}

export type JourneyOutcome =
  | { readonly kind: 'completed' }
  /** Stopped before its steps had come to an end, good or bad. */
  | { readonly kind: 'cut' }
  | ({ readonly kind: 'failed' } & JourneyFailure);

/** The first failure of a journey, without secrets. */
export interface JourneyFailure {
  readonly step: string;
  /** In a few words that many failures share: `answered 503`, `timeout`, `nothing sent`. */
  readonly cause: string;
  readonly message: string;
  readonly place: Place;
}

/** Runs a journey once, to its end; whatever a service does is in the outcome. */
export async function runJourney({ test }: Journey, at: JourneyRun): Promise<JourneyOutcome> {
  const log = new TestLog();
  const pending = new Set<Exchange>();
  let firstStep: string | undefined;
  const services = serviceScope(at.services);
  const run: TestRun = {
    ...{ evaluator: at.evaluator, services, scope: { ...services, ...at.values }, signal: at.signal },
    async send(request, timeoutMs, step) {
      const exchange = await at.send(request, { signal: this.signal, timeoutMs, step });
      log.exchanges.push(exchange);
      pending.add(exchange);
      return exchange;
    },
  };
  const watched = (step: Step): Step => ({
    ...step,
    run: async (inner) => {
      const failure = await failureOf(step, inner);
      const wrong = wrongOf(failure);
      for (const exchange of pending) at.judged(exchange, !wrong.includes(exchange));
      pending.clear();
      if (failure === undefined) return;
      if (log.failures.length === 0) firstStep = failure.facts.step ?? step.title;
      throw failure;
    },
  });
  const steps = test.steps.map((step, index) => (index === 0 ? step : afterPause(step, at.pauseMs)));
  const ended = await runPhases({
    test: { ...test, steps: steps.map(watched), always: test.always.map(watched) },
    row: { index: 0, values: () => undefined },
    ...{ run, log },
  });
  const [failure] = log.failures;
  if (!ended) return { kind: 'cut' };
  return failure === undefined
    ? { kind: 'completed' }
    : { kind: 'failed', ...told(failure, firstStep ?? failure.step, log, at.env) };
}

async function failureOf(step: Step, run: TestRun): Promise<StepFailure | undefined> {
  try {
    await step.run(run);
    return undefined;
  } catch (error) {
    if (error instanceof StepFailure) return error;
    throw error;
  }
}

function wrongOf(failure: StepFailure | undefined): readonly Exchange[] {
  const { wrong, exchange } = failure?.facts ?? {};
  return wrong ?? (exchange === undefined ? [] : [exchange]);
}

function afterPause(step: Step, pauseMs: number): Step {
  if (pauseMs === 0) return step;
  return {
    ...step,
    run: async (run) => {
      try {
        await sleep(pauseMs, undefined, { signal: run.signal });
      } catch {
        // Stopped while the user thought: the step's request would only be told that it was cut off.
        return;
      }
      await step.run(run);
    },
  };
}

/** Secrets are learnt only now: most journeys have nothing to tell. */
function told(
  { message, place, exchange }: Failure,
  step: string,
  { steps }: TestLog,
  env: JourneyRun['env'],
): JourneyFailure {
  const mask = createMask(env);
  for (const { request, response } of steps.flatMap(({ exchanges }) => exchanges)) {
    mask.learn(request);
    if (response !== undefined) mask.learn(response);
  }
  const answered = exchange?.response === undefined ? 'nothing sent' : `answered ${exchange.response.status}`;
  return { step, cause: exchange?.failure?.kind ?? answered, message: mask.apply(message), place };
}
