import type { Liveness, ServiceSpec } from '../config/project.ts';
import type { Clock } from './clock.ts';
import { pause } from './pause.ts';
import { knocks, listed, lookBy, sentence } from './probes/index.ts';
import { describeSight } from './probes/sight.ts';

interface LivenessWatch {
  readonly spec: ServiceSpec;
  readonly live: Liveness;
  readonly clock: Clock;
  readonly random: () => number;
  /** The mark of the run. */
  readonly run: string;
  /** Aborted when there is nothing to watch any more. */
  readonly signal: AbortSignal;
  /** Failed as often in a row as makes it unhealthy, and why. */
  readonly onSick: (reason: string) => void;
  /** Answers again. */
  readonly onWell: () => void;
}

/** Asks a service that is ready again and again whether it still answers. Resolves when the signal is aborted. */
export async function watchLiveness(watch: LivenessWatch): Promise<void> {
  const { live, clock, random, signal, onSick, onWell } = watch;
  const countsFromMs = clock.monotonicMs() + (live.startPeriodMs ?? 0);
  let failures = 0;
  // Services that became ready together are not asked together for ever.
  await pause(live.everyMs * random(), signal);
  while (!signal.aborted) {
    const reason = await whyNot(watch);
    if (signal.aborted) return;
    if (reason === undefined) {
      if (failures >= live.failures) onWell();
      failures = 0;
    } else if (clock.monotonicMs() >= countsFromMs) {
      failures += 1;
      if (failures === live.failures) onSick(reason);
    }
    await pause(live.everyMs, signal);
  }
}

/** Why a probe does not hold; undefined when all do, or when it was given up. */
export async function whyNot({
  spec,
  live,
  run,
  signal,
}: Pick<LivenessWatch, 'spec' | 'live' | 'run' | 'signal'>): Promise<string | undefined> {
  const { timeoutMs } = live;
  try {
    for (const probe of listed(live.probe)) {
      const sight = await lookBy(probe, { spec, timeoutMs, signal, run });
      // Of what is asked at its own address, that address stands beside it already.
      if (sight.kind !== 'answers')
        return knocks(probe) ? describeSight(sight) : sentence(probe, sight, spec);
    }
    return undefined;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
