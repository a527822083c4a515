import type { ProcessEnd } from './service-process.ts';

/** What the run of all has to know of one of its services, which goes by its name. */
export interface ServiceWatcher {
  /** It is ready; not told of one that was unhealthy and answers again. */
  onReady(service: string): void;
  /** It was up, and is stopped or has ended: who needs it is without it. */
  onAway(service: string): void;
  /** It ended by itself after it had been ready. */
  onExited(service: string, end: ProcessEnd): void;
  /** Its process and the rest of its group are gone, for whatever reason. */
  onGone(): void;
}
