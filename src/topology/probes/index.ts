/**
 * What a service can be asked to find out whether it is ready, and whether it still lives, as a table: a new kind is one
 * file here, one line below, and its keys in src/config (probe-spec, probes, schema/probes).
 * Knows nothing of when it is asked, and of what follows from the answer.
 */
import type { AllProbes, Probe, ProbeKindName } from '../../config/probe-spec.ts';
import type { Readiness, ServiceSpec } from '../../config/project.ts';
import { amqp } from './amqp.ts';
import { command } from './command.ts';
import { http } from './http.ts';
import type { Look, ProbeKind } from './kind.ts';
import { log } from './log.ts';
import { type OutputWatch, watchOutput } from './output-watch.ts';
import { describeSight, type Sight } from './sight.ts';
import { sql } from './sql.ts';
import { tcp } from './tcp.ts';

const kinds: { readonly [K in ProbeKindName]: ProbeKind<Probe<K>> } = {
  log,
  tcp,
  http,
  amqp,
  sql,
  command,
};

const kindOf = <K extends ProbeKindName>(probe: Probe<K>): ProbeKind<Probe<K>> => kinds[probe.kind];

/** The probes that have to hold, in the order in which they are asked. */
export function listed(probe: Readiness['probe'] | AllProbes): readonly Probe[] {
  if (probe.kind === 'running' || probe.kind === 'exit') return [];
  return probe.kind === 'all' ? probe.probes : [probe];
}

/** Watches for the line that one of the probes waits for; undefined where none does. */
export function outputWatchOf(probe: Readiness['probe']): OutputWatch | undefined {
  const asked = listed(probe).find((one) => one.kind === 'log');
  return asked?.kind === 'log' ? watchOutput(asked) : undefined;
}

/** How long one answer may take where nothing is said. */
export const usualLimitMs = (probe: Probe): number => kindOf(probe).usualLimitMs;

/** Whether it knocks at the port of the service. */
export const knocks = (probe: Probe): boolean => kindOf(probe).knocks(probe);

/** One look, by one probe. Rejects only when the signal is aborted. */
export const lookBy = (probe: Probe, look: Look): Promise<Sight> => kindOf(probe).look(probe, look);

/** What was asked and what came of it, as a sentence. */
export const sentence = (probe: Probe, sight: Sight, spec: ServiceSpec): string =>
  `${kindOf(probe).subject(probe, spec)} ${describeSight(sight)}`;

/** What to do about it; undefined: what is usual for a service that is not ready. */
export function remedyFor(probe: Probe, sight: Sight, spec: ServiceSpec): string | undefined {
  const own = sight.kind === 'unmet' ? sight.remedy : undefined;
  return own ?? kindOf(probe).remedy(sight, spec);
}
