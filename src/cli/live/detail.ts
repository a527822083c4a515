import type { ServiceSpec } from '../../config/index.ts';
import { formatDuration } from '../../lib/duration.ts';
import { describeExit } from '../../topology/index.ts';
import { localTime } from '../local-time.ts';
import type { ServiceRow } from '../status-table.ts';

/** What the configuration says of a service, beside what is known of its process. */
export interface ServiceFacts {
  readonly probe: string;
  /** Absent for one that runs elsewhere. */
  readonly command?: string;
}

export function factsOf({ ready: { probe }, ...spec }: ServiceSpec): ServiceFacts {
  const what = 'path' in probe ? `${probe.kind} ${probe.path}` : probe.kind;
  return { probe: what, ...(spec.kind === 'own' ? { command: spec.command.join(' ') } : {}) };
}

export interface DetailSurroundings {
  readonly rows: readonly ServiceRow[];
  readonly facts: ServiceFacts | undefined;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** How it is with one service, a fact a line; nothing is said of what is not known. */
export function detailLines(row: ServiceRow, { rows, facts, nowMs }: DetailSurroundings): string[] {
  const { needs, waitsFor = [], exit, restarts = 0, url, logFile } = row;
  const stateOf = (name: string) =>
    rows.find((other) => other.name === name)?.state ?? 'not part of this run';
  const found: readonly (readonly [string, string | undefined])[] = [
    ['state', stateWords(row, nowMs)],
    ['probe', probeWords(row, facts)],
    ['needs', needs.map((name) => `${name} (${stateOf(name)})`).join(', ')],
    ['waits for', waitsFor.join(', ')],
    ['last end', exit && describeExit(exit)],
    ['restarts', restarts === 0 ? undefined : String(restarts)],
    ['url', url],
    ['log', logFile],
    ['command', facts?.command],
  ];
  return found.flatMap(([title, words]) =>
    words === undefined || words === '' ? [] : [`${title.padEnd(9)}  ${words}`],
  );
}

function stateWords({ name, state, since, required }: ServiceRow, nowMs: number): string {
  const optional = required ? '' : ', optional';
  if (since === undefined) return `${name} is ${state}${optional}`;
  const sinceMs = Date.parse(since);
  const time = localTime(sinceMs, nowMs).replace(/\.\d+$/, '');
  return `${name} is ${state} since ${time} (${formatDuration(Math.max(0, nowMs - sinceMs))})${optional}`;
}

/** What was seen last is kept where it was no answer. */
function probeWords({ state, reason, readyAfterMs }: ServiceRow, facts: ServiceFacts | undefined) {
  const seen =
    reason !== undefined && (state === 'unhealthy' || state === 'failed')
      ? `it ${reason}`
      : state === 'ready' && readyAfterMs !== undefined
        ? `answered ${formatDuration(readyAfterMs)} after the start`
        : undefined;
  return facts === undefined ? seen : [facts.probe, seen].filter((part) => part !== undefined).join(': ');
}
