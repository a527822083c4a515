/**
 * Speaks to a run from another process: restart, stop and start single services, follow what happens.
 * Knows no command line; what a request does is the run's business.
 */
export type { ControlClient } from './client.ts';
export { connectToRun, notRunning } from './find-supervisor.ts';
export { errorOfTold, type RunEnd, type Statuses } from './messages.ts';
