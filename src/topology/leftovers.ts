import type { StopOutcome } from '../model/index.ts';
import { isSameGroup, stopGroup } from './process-group.ts';
import type { ProcessTable } from './process-table.ts';
import type { ServiceStatus, TopologyState } from './state.ts';

export interface Reaped {
  readonly service: ServiceStatus;
  readonly pid: number;
  readonly how: StopOutcome;
}

/** A service group that still runs although the process that watched it is gone. */
export interface Leftover {
  readonly service: ServiceStatus;
  readonly pid: number;
}

/** The groups of a recorded run that still live. */
export async function leftoversOf(state: TopologyState, table: ProcessTable): Promise<Leftover[]> {
  const leftovers: Leftover[] = [];
  for (const service of state.services) {
    const { pid, startTime } = service;
    if (pid === undefined || startTime === undefined) continue;
    if (await isSameGroup({ pid, startTime }, table)) leftovers.push({ service, pid });
  }
  return leftovers;
}

/** Ends leftovers, dependants before what they need. */
export async function reapLeftovers(
  leftovers: readonly Leftover[],
  table: ProcessTable,
  hurry?: AbortSignal,
): Promise<Reaped[]> {
  const done = new Map<string, Promise<Reaped>>();
  // The state lists needs first, so that from the end every dependant comes before what it needs.
  for (const { service, pid } of [...leftovers].reverse()) {
    const dependants = leftovers
      .filter((other) => other.service.needs.includes(service.name))
      .map((other) => done.get(other.service.name));
    const stop = Promise.all(dependants).then(() =>
      stopGroup({ pgid: pid, graceMs: service.stopGraceMs ?? 0, table, hurry }),
    );
    done.set(
      service.name,
      stop.then((how) => ({ service, pid, how })),
    );
  }
  return Promise.all(done.values());
}
