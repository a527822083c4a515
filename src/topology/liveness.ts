import type { Liveness, ServiceSpec } from '../config/project.ts';
import { pause } from './pause.ts';
import { describeSight, probe } from './probe.ts';

interface LivenessWatch {
  readonly spec: ServiceSpec;
  readonly live: Liveness;
  readonly random: () => number;
  /** Aborted when there is nothing to watch any more. */
  readonly signal: AbortSignal;
  /** Failed as often in a row as makes it unhealthy; `reason` is the end of a sentence that begins with the probe. */
  readonly onSick: (reason: string) => void;
  /** Answers again. */
  readonly onWell: () => void;
}

/** Asks a service that is ready again and again whether it still answers. Resolves when the signal is aborted. */
export async function watchLiveness(watch: LivenessWatch): Promise<void> {
  const { spec, live, random, signal, onSick, onWell } = watch;
  let failures = 0;
  // Services that became ready together are not asked together for ever.
  await pause(live.everyMs * random(), signal);
  while (!signal.aborted) {
    const sight = await lookOnce(spec, live, signal);
    if (sight === undefined) return;
    if (sight.kind === 'answers') {
      if (failures >= live.failures) onWell();
      failures = 0;
    } else {
      failures += 1;
      if (failures === live.failures) onSick(describeSight(sight));
    }
    await pause(live.everyMs, signal);
  }
}

/** Undefined when it was given up. */
async function lookOnce(spec: ServiceSpec, { probe: kind, timeoutMs }: Liveness, signal: AbortSignal) {
  try {
    return await probe(spec, { probe: kind, timeoutMs, signal });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
