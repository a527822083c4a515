import type { ServiceEvent } from '../model/index.ts';
import type { Clock } from './clock.ts';
import type { ProcessTable } from './process-table.ts';

/** What every service of a run works with. */
export interface RunSurroundings {
  readonly stateDir: string;
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly random: () => number;
  /** The mark of the run. */
  readonly run: string;
  /** A promise returned for `log-lines` holds that service's output back. */
  readonly onEvent: (event: ServiceEvent) => void | Promise<void>;
  /** Called after every change, before anything else happens: what is on disk must name every process there is. */
  readonly onChange: () => void;
}
