// How a service pretends to be slow and unreliable: from its settings, and from faults set by hand while it runs.
// It must not know Express, nor which routes a service has beyond their names.
export { faultsBody, noFaults, readFaults, treatmentBody } from './faults.ts';
export { latencyForm, parseLatency } from './latency.ts';
export { parseShare, shareForm } from './share.ts';
export type { Endpoint, Faults, Simulation } from './simulation.ts';
export {
  createSimulator,
  type EndpointState,
  type Hold,
  type SimulationMeter,
  type SimulationParts,
  type Simulator,
} from './simulator.ts';
