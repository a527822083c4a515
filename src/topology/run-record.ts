import type { TopologyPlan } from './plan.ts';
import type { StartOptions } from './running-topology.ts';
import { type ServiceStatus, type TopologyState, writeState } from './state.ts';

/** While services start, what happens in so short a time is written at once: to replace a file takes some milliseconds. */
const GATHER_MS = 250;

/** The state file of one run. */
export function createRecord(plan: TopologyPlan, run: string, options: Pick<StartOptions, 'signal'>) {
  let phase: TopologyState['phase'] = 'starting';
  let supervisor: TopologyState['supervisor'] | undefined;
  let control = '';
  const write = (services: readonly ServiceStatus[]) => {
    if (supervisor === undefined) return;
    const { name: project, topology, stateDir } = plan;
    const facts = { project, topology, supervisor, run, control, phase, services };
    writeState(stateDir, { schema: 'shopctl/state/1', ...facts });
  };
  const written = new Set<number>();
  let later: NodeJS.Timeout | undefined;
  /** What is new is written in a moment, and then all that has changed until then. */
  let isDue = false;
  const save = (services: readonly ServiceStatus[]) => {
    clearTimeout(later);
    later = undefined;
    isDue = false;
    for (const { pid } of services) if (pid !== undefined) written.add(pid);
    try {
      write(services);
    } catch {
      // The folder was writable at the start. A disk that fills up later must not bring the services down.
    }
  };
  return {
    get phase() {
      return phase;
    },
    /** @throws when the state cannot be written: then nothing may be started either */
    open(owner: TopologyState['supervisor'], services: readonly ServiceStatus[], socket: string) {
      options.signal.throwIfAborted();
      supervisor = owner;
      control = socket;
      write(services);
    },
    /**
     * Something has changed. A process that is new is on disk before anything else is done; other news may wait a moment
     * while all are starting.
     */
    changed(statuses: () => readonly ServiceStatus[]) {
      if (phase !== 'starting') return save(statuses());
      if (isDue) return;
      isDue = statuses().some(({ pid }) => pid !== undefined && !written.has(pid));
      if (later !== undefined && !isDue) return;
      clearTimeout(later);
      later = setTimeout(() => save(statuses()), isDue ? 0 : GATHER_MS);
    },
    enter(next: TopologyState['phase'], services: readonly ServiceStatus[]) {
      phase = next;
      save(services);
    },
  };
}
