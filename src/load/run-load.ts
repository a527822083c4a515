import { availableParallelism, loadavg } from 'node:os';
import type { LoadProfile } from '../config/index.ts';
import type { LoadResult, LoadSecond } from '../model/index.ts';
import { saturate } from './executors/saturate/index.ts';
import { users } from './executors/users/index.ts';
import type { Measured } from './measured.ts';
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
  /** How long journeys may run on after the window, in milliseconds; otherwise the executor's own. */
  readonly graceMs?: number;
}

const GENERATOR = new URL('./executors/saturate/generator.js', import.meta.url);

/**
 * Drives a prepared load and judges what it showed. After an abort the result is partial, and says so.
 *
 * @throws ShopctlError `load-target-down` before anything is sent; `load-generator-died`
 */
export async function runLoad(prepared: PreparedLoad, run: LoadRun): Promise<LoadResult> {
  const { profile, targets } = prepared;
  const { seed, signal } = run;
  await refuseDown(targets, signal);
  const origins = [...new Set(targets.map(({ wire }) => wire.origin))];
  const host = hostNow();
  const startedAtMs = Date.now();
  const measured = await execute(prepared, run, origins);
  const { series, measuredMs, processes, breaks, journeys } = measured;
  const { total, requests } = summaries(prepared, measured);
  const limited = isLimited(measured);
  const shown = { total, requests, journeys, generatorLimited: limited };
  const thresholds = judgeThresholds(profile.thresholds, shown);
  const { durationMs: plannedMs, warmupMs } = profile;
  return {
    profile: profile.name,
    ...conditionsOf(profile),
    ...{ seed, startedAtMs, plannedMs, measuredMs, warmupMs, processes },
    ...{ targets: origins, total, requests, series, host, thresholds },
    ...(journeys === undefined ? {} : { journeys }),
    generator: { limited, processes: measured.health },
    suspect: breaks > 0,
    warnings: warningsFor(measured, requests, limited),
    ...judge({ end: measured.end, total, journeys, thresholds }),
  };
}

function execute(prepared: PreparedLoad, run: LoadRun, origins: readonly string[]): Promise<Measured> {
  const { env, trusted } = prepared;
  const { seed, signal, onSecond, generatorFile = GENERATOR, graceMs } = run;
  if (prepared.executor === 'saturate') {
    const { profile, scope } = prepared;
    return saturate({ profile, scope, env, origins, trusted, seed, generatorFile, signal, onSecond });
  }
  const { profile, journey, names, services } = prepared;
  return users({
    ...{ profile, journey, names, services, trusted, env, seed, signal, onSecond },
    ...(graceMs === undefined ? {} : { graceMs }),
  });
}

function conditionsOf(profile: LoadProfile): Pick<LoadResult, 'model' | 'connections' | 'timeoutMs'> {
  const some = (count: number, thing: string) => `closed model, ${count} ${thing}${count === 1 ? '' : 's'}`;
  if (profile.executor === 'users') return { model: some(profile.users, 'user'), connections: profile.users };
  const { connections, timeoutMs } = profile;
  return { model: some(connections, 'connection'), connections, timeoutMs };
}

function summaries({ names }: PreparedLoad, { tallies, measuredMs }: Measured) {
  const all = new Tally();
  for (const tally of tallies) all.add(tally);
  const requests = names.flatMap((name, index) => {
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
  { breaks, firstBreak, end, journeys }: Measured,
  requests: LoadResult['requests'],
  limited: boolean,
): string[] {
  const remedy = journeys === undefined ? 'more processes, or another machine' : 'fewer users, or a pause';
  const neverSent = requests.filter(({ started }) => started === 0).map(({ name }) => `\`${name}\``);
  return [
    ...(breaks === 0
      ? []
      : [
          `the run is suspect: ${breaks} connections broke or were refused, first ${firstBreak ?? 'unknown'}`,
        ]),
    ...(limited ? [`the load generator was at its limit: rate and latency may be its own (${remedy})`] : []),
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
