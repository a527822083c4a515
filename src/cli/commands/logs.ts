import { EXIT, type ExitCode } from '../../errors/index.ts';
import { readLogs, readStatus, unknownService } from '../../topology/index.ts';
import type { CliContext } from '../context.ts';
import { logPrinter, writeAll } from '../log-printer.ts';

export interface LogsOptions {
  /** Empty: all. */
  readonly services: readonly string[];
  readonly follow: boolean;
  /** Only lines of the last so many milliseconds. */
  readonly sinceMs?: number;
  /** Only so many of the last lines. */
  readonly last?: number;
}

/** Prints what the services of the last run wrote, in the order of time; `follow` goes on until interrupted. */
export async function logs(options: LogsOptions, context: CliContext): Promise<ExitCode> {
  const { stdout, color, json, signal } = context;
  const project = context.loadProject();
  const found = await readStatus(project);
  const known = found.services.map(({ name }) => name);
  const unknown = options.services.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownService(unknown, found);
  const services = options.services.length === 0 ? known : options.services;
  const format = logPrinter(services, color);
  const { follow, sinceMs, last } = options;
  const lines = readLogs({
    stateDir: project.stateDir,
    services,
    follow,
    signal,
    ...(sinceMs === undefined ? {} : { sinceMs: Date.now() - sinceMs }),
    ...(last === undefined ? {} : { last }),
  });
  for await (const { service, atMs, text } of lines) {
    if (signal.aborted) break;
    const at = new Date(atMs).toISOString();
    await writeAll(stdout, json ? `${JSON.stringify({ service, at, text })}\n` : format(service, text));
  }
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}
