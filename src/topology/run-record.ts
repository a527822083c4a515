import type { TopologyPlan } from './plan.ts';
import type { StartOptions } from './running-topology.ts';
import { type ServiceStatus, type TopologyState, writeState } from './state.ts';

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
  const save = (services: readonly ServiceStatus[]) => {
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
    save,
    enter(next: TopologyState['phase'], services: readonly ServiceStatus[]) {
      phase = next;
      save(services);
    },
  };
}
