import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from '../../expression/index.ts';
import { DURATION_PATTERN, formatDuration, parseDuration } from '../../lib/duration.ts';
import type { JsonSchema } from '../../lib/json-schema.ts';
import type { Exchange, Mismatch } from '../../model/index.ts';
import type { Path, Place, SourceDocument } from '../../source/index.ts';
import { answerOf, isAnswered } from '../answer.ts';
import { ANSWER_SCOPE } from '../assertions/index.ts';
import { type CompileContext, expressionAt, type PlacedExpression } from '../compile-context.ts';
import { StepFailure } from '../step-failure.ts';
import type { TestRun } from '../suite.ts';

const DEFAULT_EVERY_MS = 100;
const DEFAULT_TIMEOUT_MS = 10_000;

const duration = (what: string): JsonSchema => ({
  type: 'string',
  pattern: DURATION_PATTERN,
  description: `a duration such as 100ms: ${what}`,
});

export const pollSchema: JsonSchema = {
  type: 'object',
  description:
    'a mapping with `until`: the request is sent again and again until that is true; only then `expect` is checked',
  required: ['until'],
  additionalProperties: false,
  properties: {
    until: { type: 'string', minLength: 1, description: 'an expression that ends the polling when true' },
    fail: {
      type: 'string',
      minLength: 1,
      description: 'an expression that fails the step at once when true',
    },
    every: duration('the pause between two requests (default 100ms)'),
    timeout: duration('the wall-clock time after which the step fails (default 10s)'),
  },
};

export interface Poll {
  readonly until: PlacedExpression;
  readonly fail: PlacedExpression | undefined;
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/** Reads `poll`; undefined for a step without. */
export function compilePoll(value: unknown, path: Path, context: CompileContext): Poll | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const raw: Readonly<Record<string, unknown>> = { ...value };
  const expression = (key: string) => expressionAt(context, [...path, key], String(raw[key]), ANSWER_SCOPE);
  return {
    until: expression('until'),
    fail: raw['fail'] === undefined ? undefined : expression('fail'),
    everyMs: parseDuration(String(raw['every'] ?? '')) ?? DEFAULT_EVERY_MS,
    timeoutMs: parseDuration(String(raw['timeout'] ?? '')) ?? DEFAULT_TIMEOUT_MS,
  };
}

interface Polling {
  readonly poll: Poll;
  readonly attempt: (leftMs: number) => Promise<Exchange>;
  readonly run: TestRun;
  readonly document: SourceDocument;
  readonly place: Place;
}

/**
 * Asks until `until` is true. No answer, or one that `until` cannot be asked of, counts as not yet.
 *
 * @returns the exchange for which `until` was true, or the last one before the run was stopped
 * @throws StepFailure with the last exchange when `fail` is true or the time is over
 */
export async function pollUntil({ poll, attempt, run, document, place }: Polling): Promise<Exchange> {
  const start = performance.now();
  const leftMs = () => poll.timeoutMs - (performance.now() - start);
  let answered: Exchange | undefined;
  for (let tries = 1; ; tries += 1) {
    const latest = await attempt(leftMs());
    if (run.signal.aborted) return latest;
    if (isAnswered(latest)) answered = latest;
    // The last request is cut short by our own deadline; the answer before it tells more.
    const exchange = latest.failure?.kind === 'timeout' ? (answered ?? latest) : latest;
    const scope = isAnswered(exchange) ? { ...answerOf(exchange) } : undefined;
    if (isTrue(poll.until, run, scope)) return exchange;
    const at = { document, place, exchange };
    refuseFailure(poll, { run, scope, at });
    if (leftMs() <= poll.everyMs) throw tooLate(poll, tries, { run, scope, at });
    await pause(poll.everyMs, run.signal);
  }
}

interface Asked {
  readonly run: TestRun;
  /** Undefined when no answer came. */
  readonly scope: Scope | undefined;
  readonly at: { readonly document: SourceDocument; readonly place: Place; readonly exchange: Exchange };
}

function refuseFailure({ fail }: Poll, { run, scope, at }: Asked): void {
  if (fail === undefined || !isTrue(fail, run, scope)) return;
  throw new StepFailure({
    message: `polling failed: ${fail.source} became true`,
    ...at,
    place: fail.place,
    mismatches: mismatch(fail, run, scope),
  });
}

function tooLate({ until, timeoutMs }: Poll, tries: number, { run, scope, at }: Asked): StepFailure {
  const count = `${tries} ${tries === 1 ? 'request' : 'requests'}`;
  return new StepFailure({
    message: `not true within ${formatDuration(timeoutMs)} (${count}): ${until.source}`,
    ...at,
    place: scope === undefined ? at.place : until.place,
    mismatches: mismatch(until, run, scope),
  });
}

function isTrue(expression: PlacedExpression, run: TestRun, scope: Scope | undefined): boolean {
  if (scope === undefined) return false;
  try {
    return expression.evaluate(run, scope) === true;
  } catch (error) {
    // The field it asks for may simply not be there yet; if it never comes, the trace says so.
    if (error instanceof StepFailure) return false;
    throw error;
  }
}

function mismatch(expression: PlacedExpression, run: TestRun, scope: Scope | undefined): Mismatch[] {
  if (scope === undefined) return [];
  const { source, place } = expression;
  return [{ subject: 'poll', message: source, place, trace: expression.trace(run, scope) }];
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Stopped while waiting: the next request sees the same signal and says so.
  }
}
