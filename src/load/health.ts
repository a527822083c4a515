import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { GeneratorHealth } from '../model/index.ts';

const RESOLUTION_MS = 10;
const NANOSECONDS_PER_MS = 1_000_000;
const MICROSECONDS_PER_MS = 1_000;

/** Watches how busy this process is, from now until `close`. */
export function watchHealth(): { close(): GeneratorHealth } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  delay.enable();
  return {
    close: () => {
      delay.disable();
      const { user, system } = process.cpuUsage(cpuBefore);
      // What the histogram holds is the time between two ticks; the resolution of it is no delay.
      const lagMs = (nanoseconds: number) => Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS);
      return {
        cpuShare: (user + system) / MICROSECONDS_PER_MS / (performance.now() - startedMs),
        eventLoopLagP99Ms: lagMs(delay.percentile(99)),
        eventLoopLagMaxMs: lagMs(delay.max),
      };
    },
  };
}
