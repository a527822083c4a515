import { formatPlace } from '../lib/place.ts';
import type { Exchange, Failure, SuiteRunResult, TestResult } from '../model/index.ts';
import type { Reporter } from './reporter.ts';

/** The whole run for machines: schema `shopctl/test/1`. Times end in `_ms`, instants are ISO 8601 in UTC. */
export const testJson = (result: SuiteRunResult): string =>
  `${JSON.stringify(toJson(result), undefined, 2)}\n`;

export const json: Reporter = { kind: 'json', serialize: testJson };

function toJson(result: SuiteRunResult): Record<string, unknown> {
  const { seed, startedAtMs, durationMs, interrupted, counts, exchanges, suites } = result;
  return {
    schema: 'shopctl/test/1',
    seed,
    started_at: instant(startedAtMs),
    duration_ms: rounded(durationMs),
    interrupted,
    ...{ counts, exchanges },
    suites: suites.map(({ suite, file, tests }) => ({ suite, file, tests: tests.map(testToJson) })),
  };
}

function testToJson(test: TestResult): Record<string, unknown> {
  return {
    test: test.test,
    ...(test.case === undefined ? {} : { case: test.case }),
    tags: test.tags,
    place: formatPlace(test.place),
    outcome: test.outcome,
    ...(test.skipped === undefined ? {} : { skipped: test.skipped }),
    started_at: instant(test.startedAtMs),
    duration_ms: rounded(test.durationMs),
    steps: test.steps.map(({ phase, step, outcome, durationMs, exchanges }) => ({
      ...{ phase, step, outcome },
      duration_ms: rounded(durationMs),
      exchanges: exchanges.map(exchangeToJson),
    })),
    failures: test.failures.map(failureToJson),
  };
}

function failureToJson(failure: Failure): Record<string, unknown> {
  const { phase, step, message, hint, place, usedFrom, exchange, mismatches } = failure;
  return {
    ...{ phase, step, message },
    ...(hint === undefined ? {} : { hint }),
    place: formatPlace(place),
    ...(usedFrom === undefined ? {} : { used_from: usedFrom.map(formatPlace) }),
    ...(exchange === undefined ? {} : { exchange: exchangeToJson(exchange) }),
    mismatches: mismatches.map((mismatch) => ({
      ...mismatch,
      ...(mismatch.place === undefined ? {} : { place: formatPlace(mismatch.place) }),
    })),
  };
}

function exchangeToJson(exchange: Exchange): Record<string, unknown> {
  const { request, startedAtMs, durationMs, response, failure } = exchange;
  return {
    request,
    started_at: instant(startedAtMs),
    duration_ms: rounded(durationMs),
    ...(response === undefined ? { failure } : { response }),
  };
}

const instant = (epochMs: number): string => new Date(epochMs).toISOString();
const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;
