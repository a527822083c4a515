/**
 * Starts, watches and stops the services of a topology, tells what runs, and reads what they wrote.
 * Knows no command line and prints nothing: what happens leaves as events.
 */
export { criticalPath, type PathStep } from './critical-path.ts';
export { describeExit } from './describe-exit.ts';
export { startDetached } from './detach.ts';
export { selectServices, unknownService } from './plan.ts';
export { ownerOfPort } from './port-owner.ts';
export { readLogs } from './read-logs.ts';
export { attach, isUp, type ProjectStatus, readStatus } from './running.ts';
export { type RunningTopology, startTopology } from './start-topology.ts';
export type { ServiceStatus } from './state.ts';
export { stopRunning } from './stop-running.ts';
