import { formatPlace } from '../lib/place.ts';
import type { LatencySummary, LoadJourneys, LoadResult, LoadTally } from '../model/index.ts';

/** A load result as one JSON document, schema `shopctl/load/1`. Times in milliseconds, rates per second. */
export function loadJson(result: LoadResult): Record<string, unknown> {
  const { generator, host } = result;
  return {
    schema: 'shopctl/load/1',
    profile: result.profile,
    verdict: result.verdict,
    reason: result.reason,
    model: result.model,
    seed: result.seed,
    started_at: new Date(result.startedAtMs).toISOString(),
    planned_ms: result.plannedMs,
    measured_ms: result.measuredMs,
    warmup_excluded_ms: result.warmupMs,
    ...(result.timeoutMs === undefined ? {} : { timeout_ms: result.timeoutMs }),
    connections: result.connections,
    processes: result.processes,
    targets: result.targets,
    total: tallyJson(result.total),
    requests: result.requests.map((tally) => ({ name: tally.name, ...tallyJson(tally) })),
    ...(result.journeys === undefined ? {} : { journeys: journeysJson(result.journeys) }),
    thresholds: result.thresholds,
    series: result.series.map(({ latency, ...second }) => ({ ...second, latency: latencyJson(latency) })),
    suspect: result.suspect,
    warnings: result.warnings,
    generator: {
      limited: generator.limited,
      processes: generator.processes.map((health) => ({
        cpu_share: round(health.cpuShare),
        event_loop_lag_p99_ms: round(health.eventLoopLagP99Ms),
        event_loop_lag_max_ms: round(health.eventLoopLagMaxMs),
      })),
    },
    host: {
      node: host.node,
      platform: host.platform,
      cpus: host.cpus,
      load_average: round(host.loadAverage),
    },
  };
}

function tallyJson(tally: LoadTally): Record<string, unknown> {
  return {
    started: tally.started,
    completed: tally.completed,
    expected: tally.expected,
    unexpected: tally.unexpected,
    timeouts: tally.timeouts,
    connection_errors: tally.connectionErrors,
    abandoned: tally.abandoned,
    rate: round(tally.ratePerSecond),
    errors: tally.errorRatio ?? null,
    statuses: tally.statuses,
    latency: latencyJson(tally.latency),
    expected_latency: latencyJson(tally.expectedLatency),
  };
}

function journeysJson(journeys: LoadJourneys): Record<string, unknown> {
  return {
    users: journeys.users,
    pause_ms: journeys.pauseMs,
    grace_ms: journeys.graceMs,
    started: journeys.started,
    completed: journeys.completed,
    failed: journeys.failed,
    cut: journeys.cut,
    ended_late: journeys.endedLate,
    rate: round(journeys.ratePerSecond),
    errors: journeys.errorRatio ?? null,
    duration: latencyJson(journeys.duration),
    failures: journeys.failures,
    first_failures: journeys.firstFailures.map(({ place, ...failure }) => ({
      ...failure,
      place: formatPlace(place),
    })),
  };
}

/** A percentile that the sample count cannot carry is left out. */
function latencyJson({ samples, minMs, meanMs, maxMs, percentilesMs }: LatencySummary) {
  return {
    samples,
    ...(minMs === undefined ? {} : { min_ms: minMs }),
    ...(meanMs === undefined ? {} : { mean_ms: round(meanMs) }),
    ...(maxMs === undefined ? {} : { max_ms: maxMs }),
    ...Object.fromEntries(Object.entries(percentilesMs).map(([name, ms]) => [`${name}_ms`, ms])),
  };
}

const round = (value: number) => Math.round(value * 1_000) / 1_000;
