import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LogCursor, type ServiceLogLine } from './log-cursor.ts';
import { type LineFilter, type LogFilter, lineFilter, surelyAccepts } from './log-filter.ts';
import { logPath } from './log-format.ts';
import { BATCH_LINES, LogMerge } from './log-merge.ts';
import { readState } from './state.ts';

/** What happens while logs are followed. */
export type LogNotice =
  | { readonly kind: 'new-run'; readonly topology: string }
  /** Files of a service were removed before they were read: the reader was too slow, or somebody cleared them. */
  | { readonly kind: 'gap'; readonly service: string };

export interface LogQuery {
  readonly stateDir: string;
  readonly services: readonly string[];
  /** Epoch milliseconds; earlier lines are left out. */
  readonly sinceMs?: number;
  /** Only so many of the last lines, of all services together, counted after filtering. */
  readonly last?: number;
  readonly filter?: LogFilter;
  /** Goes on with what is written later, also by a later run, until the signal is aborted. */
  readonly follow: boolean;
  /** Follows services, too, that only a later run has. */
  readonly withNewServices?: boolean;
  readonly signal: AbortSignal;
  readonly onNotice?: (notice: LogNotice) => void;
}

const POLL_MS = 80;
/** From the moment at which a line is stamped until it surely is in its file, when nothing holds it up. */
const SETTLE_MS = 30;

/**
 * What services wrote, in the order of time across services, in batches of bounded size. Reads no faster than its consumer
 * takes.
 */
export async function* readLogs(query: LogQuery): AsyncGenerator<readonly ServiceLogLine[]> {
  const { last, follow, signal, sinceMs = 0, filter = {} } = query;
  const merge = new LogMerge();
  const run = new RunWatch(query.stateDir);
  const accepts = fullFilter(query);
  const known = new Set<string>();
  const addServices = (names: readonly string[]) => {
    for (const service of names) {
      if (known.has(service)) continue;
      known.add(service);
      merge.add(cursorOf(service, query));
    }
  };
  try {
    addServices(query.services);
    if (last !== undefined)
      await merge.seekLast(last, (line) => line.atMs >= sinceMs && surelyAccepts(filter, line));
    const recorded = filtered(merge.batches(follow ? Date.now() : undefined), accepts);
    yield* last === undefined ? recorded : lastOf(recorded, last);
    while (follow && !signal.aborted) {
      const next = run.next();
      if (next !== undefined) {
        query.onNotice?.({ kind: 'new-run', topology: next.topology });
        if (query.withNewServices === true) addServices(next.services.map(({ name }) => name));
      }
      yield* filtered(merge.batches(Date.now() - SETTLE_MS), accepts);
      await pause(signal);
    }
  } finally {
    await merge.close();
  }
}

function cursorOf(service: string, { stateDir, follow, sinceMs = 0, onNotice }: LogQuery): LogCursor {
  const path = logPath(stateDir, service);
  return new LogCursor({ service, path, follow, sinceMs, onGap: () => onNotice?.({ kind: 'gap', service }) });
}

function fullFilter({ sinceMs = 0, filter }: LogQuery): LineFilter {
  const accepts = filter === undefined ? undefined : lineFilter(filter);
  return (line) => (accepts === undefined || accepts(line)) && line.atMs >= sinceMs;
}

async function* filtered(
  batches: AsyncIterable<readonly ServiceLogLine[]>,
  accepts: LineFilter,
): AsyncGenerator<readonly ServiceLogLine[]> {
  for await (const batch of batches) {
    const lines = batch.filter(accepts);
    if (lines.length > 0) yield lines;
  }
}

async function* lastOf(
  batches: AsyncIterable<readonly ServiceLogLine[]>,
  count: number,
): AsyncGenerator<readonly ServiceLogLine[]> {
  let kept: ServiceLogLine[] = [];
  for await (const batch of batches) {
    kept = kept.concat(batch);
    // Cut now and then: cutting a long array for every batch would cost its length each time.
    if (kept.length > 2 * count + BATCH_LINES) kept = kept.slice(-count);
  }
  if (count > 0 && kept.length > 0) yield kept.slice(-count);
}

/** Notices that another run has begun: every run writes its mark into the state file before its services write. */
class RunWatch {
  readonly #stateDir: string;
  #run: string | undefined;
  #seen: string;

  constructor(stateDir: string) {
    this.#stateDir = stateDir;
    this.#seen = this.#look();
    this.#run = readState(stateDir)?.run;
  }

  /** The state of a run that is not the one before. */
  next() {
    const seen = this.#look();
    if (seen === this.#seen) return undefined;
    this.#seen = seen;
    const state = readState(this.#stateDir);
    if (state === undefined || state.run === this.#run) return undefined;
    this.#run = state.run;
    return state;
  }

  #look(): string {
    const found = statSync(join(this.#stateDir, 'state.json'), { throwIfNoEntry: false });
    return found === undefined ? '' : `${found.ino} ${found.mtimeMs} ${found.size}`;
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(POLL_MS, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
