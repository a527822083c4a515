import type { LoadProfile } from '../config/index.ts';
import { type Problem, ShopctlError } from '../errors/index.ts';
import { createEvaluator, ExpressionError, replaceUnits } from '../expression/index.ts';
import type { LoadJourneys, LoadTally, MetricReading, ThresholdVerdict } from '../model/index.ts';
import { problemAt, type SourceDocument } from '../source/index.ts';
import { PERCENTILE_NAMES, samplesNeeded } from './histogram.ts';
import {
  expandRequestNames,
  isMetricName,
  journeyMetrics,
  METRIC_NAMES,
  type MetricName,
  type Metrics,
  metricScope,
  metricsOf,
  shortenRequestNames,
} from './metrics.ts';

/** Thresholds hold no chance and no clock. */
const evaluator = createEvaluator({ random: () => 0, now: () => 0, env: {} });

/**
 * Finds every threshold that could not be judged whatever the run shows.
 *
 * @throws ShopctlError `config-invalid` with the place of each
 */
export function checkThresholds(
  profile: Pick<LoadProfile, 'name' | 'thresholds' | 'executor'>,
  names: readonly string[],
  source: SourceDocument,
): void {
  const anyNumbers = Object.fromEntries(METRIC_NAMES.map((name) => [name, 7.5]));
  const { timeouts: _, ...anyOfJourneys } = anyNumbers;
  const scope = metricScope({
    total: anyNumbers,
    requests: new Map(names.map((name) => [name, anyNumbers])),
    ...(profile.executor === 'users' ? { journeys: anyOfJourneys } : {}),
  });
  const problems = profile.thresholds.flatMap((text, index): Problem[] => {
    const complaint = complaintAbout(toExpression(text, names), scope);
    if (complaint === undefined) return [];
    const path = ['load', profile.name, 'thresholds', index];
    return [problemAt(source, path, `the threshold \`${text}\`: ${complaint.message}`, complaint.hint)];
  });
  if (problems.length > 0) {
    throw new ShopctlError('config-invalid', {
      message: `the load profile \`${profile.name}\` has thresholds that cannot be judged`,
      problems,
    });
  }
}

interface Complaint {
  readonly message: string;
  readonly hint?: string | undefined;
}

const toExpression = (text: string, requestNames: readonly string[]) =>
  replaceUnits(expandRequestNames(text, requestNames));

function complaintAbout(expression: string, scope: Readonly<Record<string, unknown>>): Complaint | undefined {
  const hint = `metrics: ${METRIC_NAMES.join(', ')}, requests.<name>.<metric>`;
  try {
    const wrong = evaluator.check(expression, Object.keys(scope));
    if (wrong !== undefined) return { message: wrong.message, hint: wrong.hint ?? hint };
    const mentioned = evaluator.identifiers(expression);
    if (![...mentioned].some((name) => name in scope)) return { message: 'it speaks of no metric', hint };
    const value = evaluator.evaluate(expression, scope);
    return typeof value === 'boolean'
      ? undefined
      : { message: 'it is neither true nor false', hint: 'compare: `p99 < 500ms`' };
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

interface Shown {
  readonly total: LoadTally;
  readonly requests: readonly LoadTally[];
  readonly journeys?: LoadJourneys | undefined;
  readonly generatorLimited: boolean;
}

/** Judges checked thresholds. One that rests on too few samples, or on a generator at its limit, is inconclusive. */
export function judgeThresholds(thresholds: readonly string[], shown: Shown): ThresholdVerdict[] {
  const scope = metricScope({
    total: metricsOf(shown.total),
    requests: new Map(shown.requests.map((tally): [string, Metrics] => [tally.name, metricsOf(tally)])),
    ...(shown.journeys === undefined ? {} : { journeys: journeyMetrics(shown.journeys) }),
  });
  const names = shown.requests.map(({ name }) => name);
  return thresholds.map((text) => {
    const expression = toExpression(text, names);
    const actual = readings(expression, scope);
    try {
      const passed = evaluator.evaluate(expression, scope) === true;
      if (!passed && shown.generatorLimited && actual.every(dependsOnGenerator)) {
        const reason = 'the load generator was at its limit, so it may have caused this itself';
        return { text, verdict: 'inconclusive', actual, reason };
      }
      return { text, verdict: passed ? 'passed' : 'failed', actual };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return { text, verdict: 'inconclusive', actual, reason: tooFew(actual, shown) ?? error.message };
    }
  });
}

/** The metrics that an expression reads. */
function readings(expression: string, scope: Readonly<Record<string, unknown>>): MetricReading[] {
  return evaluator.trace(expression, scope).flatMap(({ source, value }) => {
    const name = metricNameOf(source);
    if (name === undefined) return [];
    return [
      {
        metric: shortenRequestNames(source),
        unit: unitOf(name),
        ...(typeof value === 'number' ? { value } : {}),
      },
    ];
  });
}

/** The metric at the end of a path such as `requests["GET /"].p99`; undefined for what is no such path. */
function metricNameOf(path: string): MetricName | undefined {
  const last = /^(?:[A-Za-z_]\w*(?:\[(?:"[^"]*"|'[^']*')\])?\.)*(?<name>\w+)$/.exec(path)?.groups?.['name'];
  return last !== undefined && isMetricName(last) ? last : undefined;
}

function unitOf(name: MetricName): MetricReading['unit'] {
  if (name === 'errors') return 'ratio';
  if (name === 'rate') return 'per-second';
  return name === 'count' || name === 'timeouts' ? 'count' : 'ms';
}

const dependsOnGenerator = ({ unit }: MetricReading) => unit === 'ms' || unit === 'per-second';

function tooFew(actual: readonly MetricReading[], { total, requests, journeys }: Shown): string | undefined {
  const missing = actual.find(({ value }) => value === undefined);
  if (missing === undefined) return undefined;
  const isOfJourneys = journeys !== undefined && missing.metric.startsWith('journeys.');
  const of = requests.find(({ name }) => isMetricOf(missing.metric, name)) ?? total;
  const percentile = PERCENTILE_NAMES.find((name) => name === metricNameOf(missing.metric));
  const { samples } = isOfJourneys ? journeys.duration : of.latency;
  return percentile === undefined
    ? `\`${missing.metric}\` needs at least one ${isOfJourneys ? 'journey' : 'request'} with an outcome`
    : `\`${missing.metric}\` needs ${samplesNeeded(percentile)} samples, and there are ${samples}`;
}

const isMetricOf = (metric: string, request: string) =>
  [`${request}.`, `requests["${request}"].`, `requests['${request}'].`].some((path) =>
    metric.startsWith(path),
  );
