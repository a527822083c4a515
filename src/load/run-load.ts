import { availableParallelism, loadavg } from 'node:os';
import type { LoadResult, LoadSecond } from '../model/index.ts';
import { type Measured, saturate } from './executors/saturate/index.ts';
import type { PreparedLoad } from './prepare-load.ts';
import { Tally } from './tally.ts';
import { refuseDown } from './targets.ts';
import { judgeThresholds } from './thresholds.ts';
import { judge } from './verdict.ts';

/** From this share of a core on, a generator is busy enough to be what limits the rate. */
const LIMITED_CPU_SHARE = 0.9;
/** Delays of this size in the generator are in the latencies it reports. */
const LIMITED_LAG_MS = 100;

export interface LoadRun {
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Called with every second of the measured window as soon as all generators have reported it. */
  readonly onSecond: (second: LoadSecond) => void;
  /** The built program of the generator processes. */
  readonly generatorFile?: URL;
}

const GENERATOR = new URL('./executors/saturate/generator.js', import.meta.url);

/**
 * Drives a prepared load and judges what it showed. After an abort the result is partial, and says so.
 *
 * @throws ShopctlError `load-target-down` before anything is sent; `load-generator-died`
 */
export async function runLoad(prepared: PreparedLoad, run: LoadRun): Promise<LoadResult> {
  const { profile, targets } = prepared;
  const { seed, signal, onSecond, generatorFile = GENERATOR } = run;
  await refuseDown(targets, signal);
  const origins = [...new Set(targets.map(({ wire }) => wire.origin))];
  const host = hostNow();
  const startedAtMs = Date.now();
  const { scope, env } = prepared;
  const measured = await saturate({ profile, scope, env, origins, seed, generatorFile, signal, onSecond });
  const { total, requests } = summaries(prepared, measured);
  const limited = isLimited(measured);
  const thresholds = judgeThresholds(profile.thresholds, { total, requests, generatorLimited: limited });
  const { connections, durationMs: plannedMs, warmupMs, timeoutMs } = profile;
  const { series, measuredMs, processes, breaks } = measured;
  return {
    profile: profile.name,
    model: `closed model, ${connections} connection${connections === 1 ? '' : 's'}`,
    ...{ seed, startedAtMs, plannedMs, measuredMs, warmupMs, timeoutMs, connections, processes },
    ...{ targets: origins, total, requests, series, host, thresholds },
    generator: { limited, processes: measured.health },
    suspect: breaks > 0,
    warnings: warningsFor(measured, requests, limited),
    ...judge({ end: measured.end, total, thresholds }),
  };
}

function summaries({ profile }: PreparedLoad, { tallies, measuredMs }: Measured) {
  const all = new Tally();
  for (const tally of tallies) all.add(tally);
  const requests = profile.requests.flatMap(({ name }, index) => {
    const tally = tallies[index];
    return tally === undefined ? [] : [tally.summary(name, measuredMs)];
  });
  return { total: all.summary('total', measuredMs), requests };
}

function isLimited({ health }: Measured): boolean {
  return health.some(
    ({ cpuShare, eventLoopLagP99Ms }) => cpuShare > LIMITED_CPU_SHARE || eventLoopLagP99Ms > LIMITED_LAG_MS,
  );
}

function warningsFor(
  { breaks, firstBreak, end }: Measured,
  requests: LoadResult['requests'],
  limited: boolean,
): string[] {
  const neverSent = requests.filter(({ started }) => started === 0).map(({ name }) => `\`${name}\``);
  return [
    ...(breaks === 0
      ? []
      : [
          `the run is suspect: ${breaks} connections broke or were refused, first ${firstBreak ?? 'unknown'}`,
        ]),
    ...(limited
      ? [
          'the load generator was at its limit: rate and latency may be its own (more processes, or another machine)',
        ]
      : []),
    ...(neverSent.length === 0 || end !== 'as-planned' ? [] : [`never sent: ${neverSent.join(', ')}`]),
  ];
}

function hostNow(): LoadResult['host'] {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpus: availableParallelism(),
    loadAverage: loadavg()[0] ?? 0,
  };
}
