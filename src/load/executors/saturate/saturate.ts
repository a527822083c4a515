import { once } from 'node:events';
import type { SaturateProfile } from '../../../config/index.ts';
import type { Scope } from '../../../expression/index.ts';
import type { TrustedAuthority } from '../../../http/index.ts';
import { deriveSeed } from '../../../lib/random.ts';
import type { LoadSecond } from '../../../model/index.ts';
import { lostDetector } from '../../lost-target.ts';
import type { Measured } from '../../measured.ts';
import { type CountedSecond, Seconds } from '../../seconds.ts';
import { Tally } from '../../tally.ts';
import { type Done, GeneratorProcess } from './generator-process.ts';
import type { Interval } from './protocol.ts';

/** A generator that cannot take its plan in this time never will. */
const READY_WITHIN_MS = 30_000;
/** A generator that has not ended this long after it must have is killed. */
const DEADLINE_SLACK_MS = 10_000;
/** After `stop`, generators have this long to hand in their numbers. */
const STOP_GRACE_MS = 2_000;

export interface SaturateOrders {
  readonly profile: SaturateProfile;
  readonly scope: Scope;
  readonly env: Readonly<Record<string, string>>;
  /** The only origins that may be called. */
  readonly origins: readonly string[];
  readonly trusted: readonly TrustedAuthority[];
  readonly seed: number;
  /** The built generator program. */
  readonly generatorFile: URL;
  readonly signal: AbortSignal;
  readonly onSecond: (second: LoadSecond) => void;
}

/**
 * Closed model: every connection sends its next request as soon as the outcome of the last is known. The connections
 * are shared out over forked processes, which report histograms that are merged here.
 *
 * @throws ShopctlError when a generator dies, or cannot make one of its requests
 */
export async function saturate(orders: SaturateOrders): Promise<Measured> {
  const { profile, signal } = orders;
  const lost = new AbortController();
  const shares = shareOut(profile.connections, profile.processes);
  const seconds = new Seconds(profile.requests.length, shares.length, (second, total) => {
    orders.onSecond(second);
    if (isLost(total)) lost.abort();
  });
  const isLost = lostDetector();
  const generators = shares.map((connections, index) => launch(orders, seconds, { connections, index }));
  try {
    const stop = AbortSignal.any([signal, lost.signal]);
    await allReady(generators, stop);
    const done = signal.aborted ? [] : await run(generators, profile, stop);
    for (const last of done) seconds.add(decoded(last));
    const firstBreak = done.find((last) => last.firstBreak !== undefined)?.firstBreak;
    return {
      tallies: seconds.tallies,
      series: seconds.series(),
      measuredMs: Math.max(0, ...done.map(({ measuredMs }) => measuredMs)),
      health: done.map(({ health }) => health),
      processes: shares.length,
      breaks: done.reduce((sum, { breaks }) => sum + breaks, 0),
      ...(firstBreak === undefined ? {} : { firstBreak }),
      end: signal.aborted ? 'interrupted' : lost.signal.aborted ? 'target-lost' : 'as-planned',
    };
  } finally {
    await Promise.all(generators.map((generator) => generator.close()));
  }
}

function launch(orders: SaturateOrders, seconds: Seconds, share: { connections: number; index: number }) {
  const { profile, scope, env, origins, trusted, seed, generatorFile } = orders;
  const { requests, warmupMs, durationMs, timeoutMs } = profile;
  const plan = {
    ...{ requests, scope, env, origins, trusted, warmupMs, durationMs, timeoutMs },
    connections: share.connections,
    seed: deriveSeed(seed, `generator-${share.index}`),
  };
  return new GeneratorProcess(generatorFile, plan, (interval) => seconds.add(decoded(interval)));
}

const decoded = ({ second, tallies }: Interval): CountedSecond => ({
  second,
  tallies: tallies.map((encoded) => Tally.decode(encoded)),
});

async function allReady(generators: readonly GeneratorProcess[], stop: AbortSignal): Promise<void> {
  const deadline = setTimeout(() => killAll(generators), READY_WITHIN_MS);
  try {
    await Promise.race([Promise.all(generators.map(({ ready }) => ready)), aborted(stop)]);
  } finally {
    clearTimeout(deadline);
  }
}

function killAll(generators: readonly GeneratorProcess[]): void {
  for (const generator of generators) generator.kill();
}

/** Starts all generators and waits for their ends; one that does not end in time is killed. */
async function run(
  generators: readonly GeneratorProcess[],
  { warmupMs, durationMs, timeoutMs }: SaturateProfile,
  stop: AbortSignal,
): Promise<readonly Done[]> {
  const timers = [
    setTimeout(() => killAll(generators), warmupMs + durationMs + timeoutMs + DEADLINE_SLACK_MS),
  ];
  const stopAll = () => {
    for (const generator of generators) generator.tell({ kind: 'stop' });
    timers.push(setTimeout(() => killAll(generators), STOP_GRACE_MS));
  };
  for (const generator of generators) generator.tell({ kind: 'go' });
  if (stop.aborted) stopAll();
  stop.addEventListener('abort', stopAll);
  try {
    const ends = await Promise.all(
      generators.map(({ done }) =>
        done.catch((error: unknown) => {
          if (stop.aborted) return undefined;
          throw error;
        }),
      ),
    );
    return ends.filter((end) => end !== undefined);
  } finally {
    stop.removeEventListener('abort', stopAll);
    for (const timer of timers) clearTimeout(timer);
  }
}

function shareOut(connections: number, processes: number): number[] {
  const count = Math.min(connections, processes);
  return Array.from({ length: count }, (_, index) => Math.floor((connections + index) / count));
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
