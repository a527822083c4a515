import type { Probe } from './probe-spec.ts';

/** The environment variable with the settings of an edge, as JSON. */
export const EDGE_SETTINGS = 'SHOPCTL_EDGE';

/** What the program that stands before the replicas of a service is told. */
export interface EdgeSettings {
  readonly service: string;
  /** What members take turns with: HTTP requests, or connections of whatever protocol. */
  readonly by: 'request' | 'connection';
  readonly members: readonly { readonly name: string; readonly port: number }[];
  /** With which each member is asked whether it may be given work. */
  readonly probe: Probe<'http' | 'tcp'>;
  /** One that is not ready; one that is, less often. */
  readonly everyMs: number;
  /** For one answer. */
  readonly timeoutMs: number;
}
