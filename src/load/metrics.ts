import type { LoadTally } from '../model/index.ts';
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
export function metricsOf({ latency, errorRatio, ratePerSecond, completed, timeouts }: LoadTally): Metrics {
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

/** What a threshold sees: metrics of all requests by name (`p99`), of single ones under `requests` (`requests.list.p99`). */
export function metricScope(total: Metrics, requests: ReadonlyMap<string, Metrics>): Record<string, unknown> {
  return { ...total, requests: Object.fromEntries(requests) };
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
