import type { GeneratorHealth, LoadJourneys, LoadSecond } from '../model/index.ts';
import type { Tally } from './tally.ts';

/** What an executor hands over. */
export interface Measured {
  /** One for each request name, in the profile's order. */
  readonly tallies: readonly Tally[];
  readonly series: readonly LoadSecond[];
  readonly measuredMs: number;
  readonly health: readonly GeneratorHealth[];
  readonly processes: number;
  readonly breaks: number;
  readonly firstBreak?: string;
  readonly end: 'as-planned' | 'interrupted' | 'target-lost';
  readonly journeys?: LoadJourneys;
}
