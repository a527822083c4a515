import type { Place } from '../lib/place.ts';

/** The percentiles that a load result tells; `p999` is the 99.9th. */
export type Percentile = 'p50' | 'p75' | 'p90' | 'p95' | 'p99' | 'p999';

/** How long requests took. Every number comes from merged histograms, never from averaged percentiles. */
export interface LatencySummary {
  readonly samples: number;
  /** Absent when there are no samples. */
  readonly minMs?: number;
  readonly meanMs?: number;
  readonly maxMs?: number;
  /** Only those that the sample count can carry. */
  readonly percentilesMs: Readonly<Partial<Record<Percentile, number>>>;
}

/** What became of the requests of one name, or of all. `attempted = completed + timeouts + connectionErrors`. */
export interface LoadTally {
  readonly name: string;
  readonly started: number;
  /** A whole answer came, whatever its status. */
  readonly completed: number;
  readonly expected: number;
  readonly unexpected: number;
  readonly timeouts: number;
  readonly connectionErrors: number;
  /** Cut off in flight by an interruption; in no other count but `started`. */
  readonly abandoned: number;
  /** Completed within the measured window, per second of it. */
  readonly ratePerSecond: number;
  /** (unexpected + timeouts + connectionErrors) / attempted; absent when nothing was attempted. */
  readonly errorRatio?: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers, and timed-out requests with the time after which they were given up. */
  readonly latency: LatencySummary;
  /** Answers with an expected status only. */
  readonly expectedLatency: LatencySummary;
}

/** One second of the measured window; the last one also holds what was still in flight at its end. */
export interface LoadSecond {
  /** Seconds since the measured window began, from 0. */
  readonly second: number;
  readonly started: number;
  readonly completed: number;
  readonly errors: number;
  readonly latency: LatencySummary;
}

/** What became of whole journeys that began in the measured window. */
export interface LoadJourneys {
  readonly users: number;
  /** Think time between two steps. */
  readonly pauseMs: number;
  /** Journeys that ran at the window's end had this long to come to theirs. */
  readonly graceMs: number;
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  /** Stopped by an interruption, or at the end of the grace; `always` ran nevertheless. */
  readonly cut: number;
  /** Of those that completed or failed, the ones that did so after the window's end. */
  readonly endedLate: number;
  /** Completed or failed within the measured window, per second of it. */
  readonly ratePerSecond: number;
  /** failed / (completed + failed); absent when none ended. */
  readonly errorRatio?: number;
  /** From first step to last, pauses and `always` included, of completed and failed ones. */
  readonly duration: LatencySummary;
  /** The first failing step of each failed journey and what it got, the most frequent first. */
  readonly failures: readonly { readonly step: string; readonly cause: string; readonly count: number }[];
  /** The first few failures in full, without secrets. */
  readonly firstFailures: readonly LoadJourneyFailure[];
}

export interface LoadJourneyFailure {
  readonly user: number;
  readonly iteration: number;
  readonly step: string;
  readonly message: string;
  readonly place: Place;
}

export interface GeneratorHealth {
  /** CPU time per wall time over the run; 1 is one whole core. */
  readonly cpuShare: number;
  readonly eventLoopLagP99Ms: number;
  readonly eventLoopLagMaxMs: number;
}

/** A metric that a threshold speaks of, and what it was. */
export interface MetricReading {
  /** As written: `p99`, `requests.list.rate`. */
  readonly metric: string;
  readonly unit: 'ms' | 'ratio' | 'per-second' | 'count';
  /** Absent when there were too few samples to tell. */
  readonly value?: number;
}

export interface ThresholdVerdict {
  /** As written in the configuration. */
  readonly text: string;
  readonly verdict: 'passed' | 'failed' | 'inconclusive';
  readonly actual: readonly MetricReading[];
  /** Why it is inconclusive. */
  readonly reason?: string;
}

export type LoadVerdict = 'passed' | 'failed' | 'inconclusive' | 'target-lost' | 'interrupted';

/** What one load run showed, and the conditions under which it did. */
export interface LoadResult {
  readonly profile: string;
  /** The load model in words: `closed model, 10 connections`. */
  readonly model: string;
  readonly seed: number;
  /** Epoch milliseconds. */
  readonly startedAtMs: number;
  readonly plannedMs: number;
  /** The measured window as it was; shorter than planned after an interruption. */
  readonly measuredMs: number;
  /** Sent before the window and not counted. */
  readonly warmupMs: number;
  /** Absent for journeys: their steps have timeouts of their own. */
  readonly timeoutMs?: number;
  /** How many requests were in flight at most, `parallel` steps of journeys apart: connections, or users. */
  readonly connections: number;
  readonly processes: number;
  /** Origins that were called. */
  readonly targets: readonly string[];
  readonly total: LoadTally;
  readonly requests: readonly LoadTally[];
  /** Only where the profile has a journey. */
  readonly journeys?: LoadJourneys;
  readonly series: readonly LoadSecond[];
  readonly generator: { readonly limited: boolean; readonly processes: readonly GeneratorHealth[] };
  readonly host: {
    readonly node: string;
    readonly platform: string;
    readonly cpus: number;
    /** One-minute load average when the run began. */
    readonly loadAverage: number;
  };
  /** Connections broke during the run: its numbers deserve doubt. */
  readonly suspect: boolean;
  readonly thresholds: readonly ThresholdVerdict[];
  readonly warnings: readonly string[];
  readonly verdict: LoadVerdict;
  /** The verdict in one sentence. */
  readonly reason: string;
}
