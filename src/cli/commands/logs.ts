import { EXIT, type ExitCode } from '../../errors/index.ts';
import {
  type LogFilter,
  type LogNotice,
  type ProjectStatus,
  parseEntry,
  readLogs,
  readStatus,
  type ServiceLogLine,
  unknownService,
} from '../../topology/index.ts';
import type { CliContext } from '../context.ts';
import { logPrinter } from '../log-printer.ts';
import { writeAll } from '../write-all.ts';

export interface LogsOptions {
  /** Empty: all. */
  readonly services: readonly string[];
  readonly follow: boolean;
  /** Only lines of the last so many milliseconds. */
  readonly sinceMs?: number;
  /** Only so many of the last lines, counted after filtering. */
  readonly last?: number;
  readonly filter: LogFilter;
  /** The lines as they were written, and nothing else. */
  readonly raw: boolean;
}

/** The service of whose replicas this is one. */
const replicaOf = ({ services }: ProjectStatus, wanted: string) =>
  services.find(({ name }) => name === wanted)?.replicaOf;

/** Prints what the services of the last run wrote, in the order of time; `follow` goes on until interrupted. */
export async function logs(options: LogsOptions, context: CliContext): Promise<ExitCode> {
  const { stdout, stderr, color, json, signal } = context;
  const project = await context.loadProject();
  const found = await readStatus(project);
  const known = found.services.map(({ name }) => name);
  const unknown = options.services.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownService(unknown, found);
  const { services: chosen } = options;
  const wanted =
    chosen.length === 0
      ? known
      : known.filter((name) => chosen.includes(name) || chosen.includes(replicaOf(found, name) ?? name));
  const services = withoutAdopted(wanted, found, context);
  const { follow, sinceMs, last, filter, raw } = options;
  const format = logPrinter(services, { color, raw, isTerminal: stdout.isTTY === true });
  const batches = readLogs({
    stateDir: project.stateDir,
    services,
    follow,
    withNewServices: options.services.length === 0,
    filter,
    signal,
    onNotice: (notice) => stderr.write(`${noticeWords(notice)}\n`),
    ...(sinceMs === undefined ? {} : { sinceMs: Date.now() - sinceMs }),
    ...(last === undefined ? {} : { last }),
  });
  for await (const lines of batches) {
    if (signal.aborted) break;
    const texts = lines.map((line) =>
      json ? `${JSON.stringify(lineDocument(line))}\n` : format(line.service, line),
    );
    await writeAll(stdout, texts.join(''));
  }
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}

/** A line as a machine reads it. `level` is null where the line names none, `fields` where it is not structured. */
function lineDocument({ service, atMs, stream, text }: ServiceLogLine): Record<string, unknown> {
  const { isJson, level, fields, message, stack, requestIds } = parseEntry(text);
  const [requestId] = requestIds;
  return {
    service,
    time: new Date(atMs).toISOString(),
    stream,
    level: level ?? null,
    text,
    ...(isJson
      ? {
          message,
          ...(stack === undefined ? {} : { stack }),
          ...(requestId === undefined ? {} : { request_id: requestId }),
          fields,
        }
      : { fields: null }),
  };
}

function noticeWords(notice: LogNotice): string {
  if (notice.kind === 'new-run') return `a new run of the topology ${notice.topology} has begun`;
  return `lines of ${notice.service} are missing here: their file was removed before it was read (see \`logs.keep\`)`;
}

/** What an adopted service writes goes to whoever started it; what is on file of it is from an earlier run. */
function withoutAdopted(
  wanted: readonly string[],
  { services }: ProjectStatus,
  { stderr, quiet }: CliContext,
): readonly string[] {
  const adopted = services.filter((service) => service.adopted !== undefined).map(({ name }) => name);
  const missing = wanted.filter((name) => adopted.includes(name));
  if (missing.length > 0 && !quiet) {
    stderr.write(
      `no logs of ${missing.join(', ')}: adopted, so that what it writes goes to whoever started it\n`,
    );
  }
  return wanted.filter((name) => !adopted.includes(name));
}
