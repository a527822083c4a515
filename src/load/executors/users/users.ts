import { setMaxListeners } from 'node:events';
import type { UsersProfile } from '../../../config/index.ts';
import { loadFakeData } from '../../../expression/index.ts';
import { createHttpClient, type TrustedAuthority } from '../../../http/index.ts';
import type { LoadSecond } from '../../../model/index.ts';
import type { Journey } from '../../../suite/index.ts';
import { watchHealth } from '../../health.ts';
import { IntervalReports } from '../../interval-reports.ts';
import { lostDetector } from '../../lost-target.ts';
import type { Measured } from '../../measured.ts';
import { Seconds } from '../../seconds.ts';
import { ExchangeCounts } from './exchange-counts.ts';
import { JourneyCounts } from './journey-counts.ts';
import { runUser } from './user.ts';

/** A journey that runs at the window's end has this long to come to its own: nobody leaves in the middle of paying. */
const GRACE_MS = 30_000;

export interface UsersOrders {
  readonly profile: UsersProfile;
  readonly journey: Journey;
  /** Names of the requests, in the order of the result. */
  readonly names: readonly string[];
  /** Base URLs by service name. */
  readonly services: Readonly<Record<string, string>>;
  readonly trusted: readonly TrustedAuthority[];
  readonly env: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onSecond: (second: LoadSecond) => void;
  /** Instead of the usual grace, in milliseconds. */
  readonly graceMs?: number;
}

/**
 * Closed model: every user begins the journey again as soon as the last one has ended. Nothing begins after the
 * window; what runs then is finished within a grace and not counted as requests of the window. Settles when every
 * journey has ended, `always` included, and every socket is closed.
 *
 * @throws ShopctlError `load-target-remote` when a request aims at another machine
 */
export async function users(orders: UsersOrders): Promise<Measured> {
  const { profile, names, signal, graceMs = GRACE_MS } = orders;
  const { warmupMs, durationMs, pauseMs, iterations = Number.POSITIVE_INFINITY } = profile;
  const fake = orders.journey.mentionsFakeData ? await loadFakeData() : undefined;
  const lost = new AbortController();
  const failed = new AbortController();
  const graceOver = new AbortController();
  const stop = AbortSignal.any([signal, lost.signal, failed.signal]);
  const cut = AbortSignal.any([stop, graceOver.signal]);
  // Every user listens once at a time, which is no leak.
  setMaxListeners(0, cut);
  let stoppedMs = Number.POSITIVE_INFINITY;
  stop.addEventListener('abort', () => {
    stoppedMs = performance.now();
  });
  const client = createHttpClient({ trusted: orders.trusted });
  const health = watchHealth();
  const startMs = performance.now() + warmupMs;
  const window = { startMs, endMs: startMs + durationMs };
  const exchanges = new ExchangeCounts(names, window);
  const journeys = new JourneyCounts(window, iterations);
  const isLost = lostDetector();
  const seconds = new Seconds(names.length, 1, (second, total) => {
    orders.onSecond(second);
    if (isLost(total)) lost.abort();
  });
  const reports = new IntervalReports(
    () => exchanges.take(),
    window,
    (counted) => seconds.add(counted),
  );
  const grace = setTimeout(() => graceOver.abort(), warmupMs + durationMs + graceMs);
  const at = { ...orders, fake, pauseMs, client, exchanges, journeys, stop, cut };
  try {
    const ends = Array.from({ length: profile.users }, (_, index) =>
      runUser(index + 1, at).catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    );
    // Also after a failure, nobody is left behind whose requests would go on.
    await Promise.allSettled(ends);
    await Promise.all(ends);
    const measuredMs = Math.round(
      Math.max(0, Math.min(performance.now(), stoppedMs, window.endMs) - window.startMs),
    );
    seconds.add(reports.close());
    return {
      ...{ tallies: seconds.tallies, series: seconds.series(), measuredMs, health: [health.close()] },
      ...{ processes: 1, breaks: exchanges.breaks },
      ...(exchanges.firstBreak === undefined ? {} : { firstBreak: exchanges.firstBreak }),
      end: signal.aborted ? 'interrupted' : lost.signal.aborted ? 'target-lost' : 'as-planned',
      journeys: journeys.summary({ users: profile.users, pauseMs, graceMs }, measuredMs),
    };
  } finally {
    clearTimeout(grace);
    reports.close();
    health.close();
    await client.close();
  }
}
