/**
 * Faults set by hand on services that run: slow answers and failures, listed, set and cleared over HTTP.
 * Knows the fault endpoint that a service's configuration names, and no service; prints nothing.
 */
export type { Fault } from './fault.ts';
export { clearFaults, listFaults, type ServiceFaults, setFault } from './faults.ts';
