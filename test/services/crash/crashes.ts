import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../services/kit/random.ts';
import type { ServiceProcess } from '../service-process.ts';

/** A process that is killed when the shop has got so far, from 0 to 1. */
export interface Crash {
  service: ServiceProcess;
  moment: number;
}

/** Each of them, as often as it stands there, at any moment between the first and the last. */
export function drawCrashes(
  services: readonly ServiceProcess[],
  { first, last, random }: { first: number; last: number; random: Random },
): Crash[] {
  return services.map((service) => ({ service, moment: first + random() * (last - first) }));
}

/** Kills and restarts them one after the other as their moments come; resolves when all are up again. */
export async function crashAll(
  crashes: readonly Crash[],
  progress: () => Promise<number>,
  signal: AbortSignal,
): Promise<void> {
  const restarts = new Map<ServiceProcess, Promise<void>>();
  for (const { service, moment } of [...crashes].sort((a, b) => a.moment - b.moment)) {
    while ((await progress()) < moment) {
      signal.throwIfAborted();
      await sleep(100);
    }
    // One that is on its way up is killed when it is there.
    const again = restart(service, restarts.get(service));
    // Told of below, and not before.
    again.catch(() => undefined);
    restarts.set(service, again);
  }
  await Promise.all(restarts.values());
}

async function restart(service: ServiceProcess, before: Promise<void> | undefined): Promise<void> {
  await before;
  await service.kill();
  await service.start();
}
