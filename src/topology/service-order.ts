import { ShopctlError } from '../errors/index.ts';
import { lastingNeeds } from './dependants.ts';
import type { ServiceRun } from './service-run.ts';

/** Stops some services, dependants before what they need. Resolves to the names of those that even SIGKILL did not end. */
export async function stopInOrder(
  runs: readonly ServiceRun[],
  hurry: AbortSignal | undefined,
): Promise<string[]> {
  const stops = new Map<string, Promise<string[]>>();
  for (const run of [...runs].reverse()) {
    const { name } = run.spec;
    const dependants = runs.filter(({ spec }) => spec.needs.includes(name));
    const before = Promise.all(dependants.map(({ spec }) => stops.get(spec.name)));
    const stop = before.then(() => run.stop(hurry));
    stops.set(
      name,
      stop.then((how) => (how === 'survived' ? [name] : [])),
    );
  }
  return (await Promise.all(stops.values())).flat();
}

/**
 * Starts some services once more, each when those of them that it needs are ready.
 *
 * @param runs needs first
 * @param awaitOthers resolves when what it needs besides is there; rejects when it is not
 * @returns by name what comes of it
 */
export function startInOrder(
  runs: readonly ServiceRun[],
  awaitOthers: (run: ServiceRun) => Promise<void>,
): ReadonlyMap<string, Promise<void>> {
  const starts = new Map<string, Promise<void>>();
  for (const run of runs) {
    const { name } = run.spec;
    const needs = lastingNeeds(run.spec).flatMap((need) => {
      const start = starts.get(need);
      return start === undefined ? [] : [start.catch(() => Promise.reject(needFailed(name, need)))];
    });
    const others = awaitOthers(run);
    starts.set(
      name,
      Promise.all([...needs, others]).then(() => run.startAgain()),
    );
  }
  return starts;
}

export const needFailed = (service: string, need: string) =>
  new ShopctlError('service-failed', {
    message: `${service} cannot start: it needs ${need}, which failed`,
  });
