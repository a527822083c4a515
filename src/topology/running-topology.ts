import type { ServiceEvent } from '../model/index.ts';
import type { Clock } from './clock.ts';
import type { ServiceStatus } from './state.ts';
import type { StoppedService } from './topology-run.ts';

export interface StartOptions {
  /** Aborted while starting: everything is stopped again, and the start fails with `interrupted`. */
  readonly signal: AbortSignal;
  /** Aborted while stopping: no more grace. */
  readonly hurry?: AbortSignal;
  /** A promise returned for `log-lines` holds that service's output back. */
  readonly onEvent: (event: ServiceEvent) => void | Promise<void>;
  /** A sentence about the run itself that whoever started it should know; what happens to services are events. */
  readonly onTrouble?: (sentence: string) => void;
  readonly clock?: Clock;
  /** Spreads restarts. */
  readonly random?: () => number;
  /** A folder to empty before anything starts: only once the lock is held, so that no other run is using it. */
  readonly emptyFirst?: string;
  /** Services that have `watch` are built and restarted when their files change. */
  readonly watch?: boolean;
  /** Take services that somebody already runs on their ports as they are, instead of refusing to start. */
  readonly adopt?: boolean;
  /** The supervisor has no terminal. */
  readonly detached?: boolean;
  /** The built watchdog program; given where this code does not run from its build. */
  readonly watchdog?: URL;
}

/**
 * A topology that this process started and has to stop. What happens to it leaves as events (`StartOptions.onEvent`);
 * other processes ask for the same over the control socket (`control/`).
 */
export interface RunningTopology {
  /** The services as they are at this moment, needs first. */
  services(): readonly ServiceStatus[];
  /** Settles when its last process has ended by itself; never, when it has none. */
  readonly allEnded: Promise<void>;
  /**
   * Stops services and starts them again, dependants last; resolves when they are ready and whoever needs them has been
   * asked whether it still answers. The same request twice at once is one restart.
   * @throws ShopctlError `usage` for a name that is not there or runs elsewhere, `service-busy` while something else is
   *   done with one of them, and what a start throws: then the service is `failed` and nothing of it runs
   */
  restart(names: readonly string[], options?: { readonly withDependants?: boolean }): Promise<void>;
  /** Stops services while the others go on. Resolves to the names of those that need one. @throws as `restart` */
  stopServices(names: readonly string[]): Promise<readonly string[]>;
  /** Starts services that were stopped or have ended; one that runs is left alone. @throws as `restart` */
  startServices(names: readonly string[]): Promise<void>;
  /** Stops everything, dependants first; afterwards none of its processes is left, or the report says which. */
  stop(): Promise<readonly StoppedService[]>;
}
