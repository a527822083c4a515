import type { BrokerClock, BrokerStats } from '../embedded/index.ts';

/** Messages a second, over the last few seconds. */
export interface Rates {
  of(counter: string, now: number): number;
  stop(): void;
}

const EVERY_MS = 1_000;
/** Samples that are kept: a rate is what happened since the oldest of them. */
const WINDOW = 5;

interface Sample {
  readonly atMs: number;
  readonly counters: ReadonlyMap<string, number>;
}

/** Notes all counters once a second until it is stopped. */
export function watchRates(read: () => BrokerStats | undefined, clock: BrokerClock): Rates {
  const samples: Sample[] = [];
  let stopTimer: (() => void) | undefined;
  const sample = () => {
    const stats = read();
    if (stats !== undefined) samples.push({ atMs: clock.epochMs(), counters: countersOf(stats) });
    if (samples.length > WINDOW) samples.shift();
    stopTimer = clock.after(EVERY_MS, sample);
  };
  sample();
  return {
    of: (counter, now) => {
      const [oldest] = samples;
      if (oldest === undefined) return 0;
      const seconds = (clock.epochMs() - oldest.atMs) / 1_000;
      // What was deleted and made anew counts from 0 again: that is no negative rate.
      const grown = Math.max(0, now - (oldest.counters.get(counter) ?? 0));
      return seconds <= 0 ? 0 : Math.round((grown / seconds) * 10) / 10;
    },
    stop: () => stopTimer?.(),
  };
}

/** Every counter under the name by which its rate is asked for. */
function countersOf(stats: BrokerStats): Map<string, number> {
  const counters = new Map<string, number>();
  for (const { name, published } of stats.exchanges) counters.set(`exchange ${name} publish_in`, published);
  for (const { name, counts } of stats.queues) {
    counters.set(`queue ${name} publish`, counts.published);
    counters.set(`queue ${name} deliver_get`, counts.delivered);
    counters.set(`queue ${name} ack`, counts.acked);
  }
  const totals = totalsOf(stats);
  for (const [name, count] of Object.entries(totals)) counters.set(`all ${name}`, count);
  return counters;
}

/** Of all exchanges and queues that are there. */
export function totalsOf({ exchanges, queues }: BrokerStats) {
  return {
    publish: exchanges.reduce((sum, { published }) => sum + published, 0),
    deliver_get: queues.reduce((sum, { counts }) => sum + counts.delivered, 0),
    ack: queues.reduce((sum, { counts }) => sum + counts.acked, 0),
  };
}
