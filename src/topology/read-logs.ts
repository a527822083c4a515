import { setTimeout as sleep } from 'node:timers/promises';
import { LogCursor, type ServiceLogLine } from './log-cursor.ts';
import { logPath } from './log-format.ts';

export interface LogQuery {
  readonly stateDir: string;
  readonly services: readonly string[];
  /** Epoch milliseconds; earlier lines are left out. */
  readonly sinceMs?: number;
  /** Only so many of the last lines, of all services together. */
  readonly last?: number;
  /** Goes on with what is written later, until the signal is aborted. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

const POLL_MS = 80;

/** What services wrote, in the order of time across services. Reads no faster than its consumer takes. */
export async function* readLogs(query: LogQuery): AsyncGenerator<ServiceLogLine> {
  const { stateDir, services, sinceMs = 0, last, follow, signal } = query;
  const cursors = services.map((service) => new LogCursor({ service, path: logPath(stateDir, service) }));
  const recorded = since(merged(cursors), sinceMs);
  yield* last === undefined ? recorded : lastOf(recorded, last);
  while (follow && !signal.aborted) {
    yield* since(merged(cursors), sinceMs);
    await pause(signal);
  }
}

/** The line with the earliest time among the next lines of all files, again and again. */
async function* merged(cursors: readonly LogCursor[]): AsyncGenerator<ServiceLogLine> {
  const sources = await Promise.all(cursors.map((cursor) => headOf(cursor.lines())));
  const open = sources.filter((source) => source.head !== undefined);
  try {
    for (;;) {
      let earliest = open[0];
      for (const source of open) if (timeOf(source) < timeOf(earliest)) earliest = source;
      if (earliest?.head === undefined) return;
      yield earliest.head;
      earliest.head = await next(earliest.lines);
      if (earliest.head === undefined) open.splice(open.indexOf(earliest), 1);
    }
  } finally {
    await Promise.all(sources.map(({ lines }) => lines.return(undefined)));
  }
}

interface Source {
  readonly lines: AsyncGenerator<ServiceLogLine>;
  head: ServiceLogLine | undefined;
}

const headOf = async (lines: AsyncGenerator<ServiceLogLine>): Promise<Source> => ({
  lines,
  head: await next(lines),
});

const timeOf = (source: Source | undefined) => source?.head?.atMs ?? Number.POSITIVE_INFINITY;

async function next(lines: AsyncGenerator<ServiceLogLine>): Promise<ServiceLogLine | undefined> {
  const { done, value } = await lines.next();
  return done === true ? undefined : value;
}

async function* since(lines: AsyncIterable<ServiceLogLine>, sinceMs: number): AsyncGenerator<ServiceLogLine> {
  for await (const line of lines) if (line.atMs >= sinceMs) yield line;
}

async function* lastOf(lines: AsyncIterable<ServiceLogLine>, count: number): AsyncGenerator<ServiceLogLine> {
  let kept: ServiceLogLine[] = [];
  for await (const line of lines) {
    kept.push(line);
    // Cut in blocks: dropping the first of a long array for every line would cost its length each time.
    if (kept.length > 2 * count + 1_000) kept = kept.slice(-count);
  }
  if (count > 0) yield* kept.slice(-count);
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(POLL_MS, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
