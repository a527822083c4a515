import type { LoadJourneys, LoadTally } from '../model/index.ts';
import { PERCENTILE_NAMES } from './histogram.ts';

/** Metrics that a threshold can speak of. Times in milliseconds, `errors` a ratio, `rate` per second. */
export const METRIC_NAMES = [
  ...PERCENTILE_NAMES,
  'min',
  'mean',
  'max',
  'errors',
  'rate',
  'count',
  'timeouts',
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];
export type Metrics = Readonly<Partial<Record<MetricName, number>>>;

/** The metrics of a tally; those without enough samples are left out. */
export function metricsOf({
  latency,
  errorRatio,
  ratePerSecond,
  completed,
  timeouts,
}: Pick<LoadTally, 'latency' | 'errorRatio' | 'ratePerSecond' | 'completed' | 'timeouts'>): Metrics {
  return {
    ...latency.percentilesMs,
    ...(latency.minMs === undefined ? {} : { min: latency.minMs }),
    ...(latency.meanMs === undefined ? {} : { mean: latency.meanMs }),
    ...(latency.maxMs === undefined ? {} : { max: latency.maxMs }),
    ...(errorRatio === undefined ? {} : { errors: errorRatio }),
    ...{ rate: ratePerSecond, count: completed, timeouts },
  };
}

export const isMetricName = (name: string): name is MetricName =>
  METRIC_NAMES.some((known) => known === name);

/** The metrics of whole journeys; their percentiles are those of how long they took. */
export function journeyMetrics(journeys: LoadJourneys): Metrics {
  const { duration, errorRatio, ratePerSecond, completed, failed } = journeys;
  const { timeouts: _, ...metrics } = metricsOf({
    ...{ latency: duration, ratePerSecond, completed: completed + failed, timeouts: 0 },
    ...(errorRatio === undefined ? {} : { errorRatio }),
  });
  return metrics;
}

interface Measures {
  readonly total: Metrics;
  readonly requests: ReadonlyMap<string, Metrics>;
  readonly journeys?: Metrics;
}

/**
 * What a threshold sees: metrics of all requests by name (`p99`), of single ones under `requests`
 * (`requests.list.p99`), and of journeys under `journeys` where there are any.
 */
export function metricScope({ total, requests, journeys }: Measures): Record<string, unknown> {
  const ofJourneys = journeys === undefined ? {} : { journeys };
  return { ...total, ...ofJourneys, requests: Object.fromEntries(requests) };
}

const STRING_OR_PATH =
  /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?<![\w.-])(?<name>[A-Za-z_][\w-]*)\.(?<metric>\w+)/g;

/**
 * Rewrites the short form `list.p95` to `requests["list"].p95`. Request names may hold dashes, or be words that CEL
 * keeps for itself (`list`, `map`, `type`).
 */
export function expandRequestNames(text: string, names: readonly string[]): string {
  return text.replace(STRING_OR_PATH, (whole, name: string | undefined, metric: string) =>
    name !== undefined && names.includes(name) ? `requests["${name}"].${metric}` : whole,
  );
}

/** The other way round, for reports. */
export function shortenRequestNames(path: string): string {
  return path
    .replace(/^requests\["([A-Za-z_][\w-]*)"\]\./, '$1.')
    .replace(/^requests\.([A-Za-z_]\w*)\./, '$1.');
}
