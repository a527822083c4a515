import type { ServiceStatus } from '../topology/index.ts';

/** Of its process, also where that is somebody else's, while it lives. */
export function shownPid({ state, pid, adopted }: ServiceStatus): number | undefined {
  const mayLive = state !== 'exited' && state !== 'stopped' && state !== 'failed';
  return pid ?? (mayLive ? adopted?.pid : undefined);
}
