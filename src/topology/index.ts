/**
 * Starts, watches and stops the services of a topology, tells what runs, and reads what they wrote.
 * Knows no command line and prints nothing: what happens leaves as events.
 */
export {
  type ControlClient,
  connectToRun,
  errorOfTold,
  notRunning,
  type RunEnd,
  type Statuses,
} from './control/index.ts';
export { criticalPath, type PathStep } from './critical-path.ts';
export { isUp } from './dependants.ts';
export { describeExit } from './describe-exit.ts';
export { startDetached } from './detach.ts';
export { type LeftBehind, leftBehind } from './left-behind.ts';
export type { ServiceLogLine } from './log-cursor.ts';
export { type LogEntry, parseEntry } from './log-entry.ts';
export type { LogFilter } from './log-filter.ts';
export { portsOf } from './pick-ports.ts';
export { selectServices, unknownService } from './plan.ts';
export { ownerOfPort } from './port-owner.ts';
export { projectsBeside, type RunningProject } from './projects.ts';
export { type LogNotice, readLogs } from './read-logs.ts';
export { attach, type ProjectStatus, readStatus } from './running.ts';
export type { RunningTopology } from './running-topology.ts';
export type { ServiceOperation } from './service-operations.ts';
export { startTopology } from './start-topology.ts';
export type { ServiceStatus } from './state.ts';
export { stopRunning } from './stop-running.ts';
export { readUsage, type Usage } from './usage.ts';
