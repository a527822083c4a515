import { Chalk } from 'chalk';
import { EXIT, type ExitCode } from '../../errors/index.ts';
import { stopRunning } from '../../topology/index.ts';
import type { CliContext } from '../context.ts';
import { writeAll } from '../log-printer.ts';
import { describeStop } from '../service-words.ts';

export interface DownOptions {
  readonly volumes: boolean;
}

/** Stops whatever runs of the project, whoever started it; that nothing runs is no error. */
export async function down({ volumes }: DownOptions, context: CliContext): Promise<ExitCode> {
  const { stdout, color, json, quiet, signal } = context;
  const report = await stopRunning(await context.loadProject(), { signal, volumes });
  if (json) {
    const { supervisor = null, stopped, deletedData } = report;
    const document = { schema: 'shopctl/down/1', supervisor, stopped, deleted_data: deletedData };
    await writeAll(stdout, `${JSON.stringify(document)}\n`);
    return EXIT.ok;
  }
  if (quiet) return EXIT.ok;
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const width = Math.max(0, ...report.stopped.map(({ service }) => service.length));
  const lines = report.stopped.map(
    ({ service, how }) => `${service.padEnd(width)}  ${describeStop(how, chalk)}`,
  );
  if (lines.length === 0) {
    lines.push(report.supervisor === undefined ? 'nothing was running' : 'stopped; no service was running');
  }
  if (volumes) lines.push(report.deletedData ? 'stored data deleted' : 'there was no stored data');
  await writeAll(stdout, `${lines.join('\n')}\n`);
  return EXIT.ok;
}
