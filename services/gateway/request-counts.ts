import { randomBytes } from 'node:crypto';
import type { Clock } from '../kit/index.ts';
import { createSharedCounts } from './shared-counts.ts';

/** How many requests were counted in a window, this one included, and when that window ends. */
export interface Count {
  hits: number;
  endsAtMs: number;
}

/** How often each client has asked, in memory that does not grow with the number of clients. */
export interface RequestCounts {
  /** Counts one request. A client's window begins with its first request. */
  count(client: string): Count;
  /** How many clients have a count of their own now; never more than `maxClients`. */
  size(): number;
}

interface RequestCountsOptions {
  windowMs: number;
  clock: Clock;
  /** So many clients have a count of their own (about 200 bytes each). */
  maxClients?: number;
  /** All others share so many counters (12 bytes each). */
  sharedCounters?: number;
}

/** Looking for windows that have ended goes through all clients, so it is not done with every request. */
const sweepEveryMs = 1_000;

/**
 * Exact for `maxClients` clients at a time. When all places are taken by clients whose window still runs, nobody is
 * forgotten for another: whoever comes new shares one of a fixed number of counters with others. So a count is never
 * too low, and nobody gets rid of theirs by sending many others ahead; it may be too high for newcomers as long as the
 * places are taken. Which clients share a counter follows from a secret, so nobody can aim at another's.
 */
export function createRequestCounts(options: RequestCountsOptions): RequestCounts {
  const { windowMs, clock, maxClients = 20_000, sharedCounters = 65_536 } = options;
  const own = new Map<string, Count>();
  const shared = createSharedCounts({ windowMs, size: sharedCounters, secret: randomBytes(16) });
  let nextSweepMs = 0;
  const hasPlace = (nowMs: number) => {
    if (own.size < maxClients) return true;
    if (nowMs < nextSweepMs) return false;
    nextSweepMs = nowMs + sweepEveryMs;
    for (const [client, { endsAtMs }] of own) if (endsAtMs <= nowMs) own.delete(client);
    return own.size < maxClients;
  };
  return {
    size: () => own.size,
    count: (client) => {
      const nowMs = clock.now();
      const kept = own.get(client);
      if (kept !== undefined) return countInto(kept, nowMs, windowMs);
      if (!hasPlace(nowMs)) return shared.count(client, nowMs);
      // Whoever was counted with others until now goes on from there: a place of one's own is no new minute.
      const count = countInto(shared.read(client, nowMs), nowMs, windowMs);
      own.set(client, count);
      return count;
    },
  };
}

function countInto(count: Count, nowMs: number, windowMs: number): Count {
  if (count.endsAtMs <= nowMs) {
    count.hits = 0;
    count.endsAtMs = nowMs + windowMs;
  }
  count.hits += 1;
  return count;
}
