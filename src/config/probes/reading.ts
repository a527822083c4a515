import type { DatabaseAddress } from '../../database/index.ts';
import type { Probe, ProbeKindName } from '../probe-spec.ts';
import type { Problems } from '../problems.ts';
import type { RawProbes } from '../raw.ts';
import type { PlacedService } from '../topology.ts';

export type ConfigPath = (string | number)[];

export interface ProbeSurroundings {
  readonly problems: Problems;
  /** Where commands run. */
  readonly cwd: string;
  /** What `sql` asks. */
  readonly database: DatabaseAddress | undefined;
  /** What services are given as AMQP_URL. */
  readonly amqpUrl: string | undefined;
  /** Puts variables into a text. */
  readonly fill: (text: string, path: ConfigPath) => string;
}

export interface Reading extends ProbeSurroundings {
  readonly service: PlacedService;
  readonly section: 'ready' | 'live';
}

/** Reads one kind of probe; undefined where it is not named, or what is written cannot be meant. */
export type Reader<K extends ProbeKindName> = (raw: RawProbes, reading: Reading) => Probe<K> | undefined;
