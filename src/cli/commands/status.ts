import { EXIT, type ExitCode } from '../../errors/index.ts';
import { isUp, type ProjectStatus, projectsBeside, readStatus } from '../../topology/index.ts';
import type { CliContext } from '../context.ts';
import { statusDocument } from '../status-document.ts';
import { describeBeside, statusText } from '../status-words.ts';
import { UsageMeter } from '../usage-meter.ts';
import { writeAll } from '../write-all.ts';

export interface StatusOptions {
  /** Shown again and again, this often, until interrupted; absent: once. */
  readonly watchMs?: number;
}

/**
 * Prints what runs. Exit code: 0 when every required service is ready, and when nothing runs; the environment's when a
 * required service is not ready, or runs without anybody watching it. Watched until interrupted: 0, whatever was seen.
 */
export async function status({ watchMs }: StatusOptions, context: CliContext): Promise<ExitCode> {
  const { stdout, color, json, env, signal } = context;
  const plan = await context.loadProject();
  const { project } = plan;
  const meter = new UsageMeter();
  const look = async () => {
    const found = await readStatus(plan);
    return { found, rows: await meter.rows(found.services) };
  };
  if (watchMs !== undefined) {
    const { watchStatus } = await import('../status-watch.ts');
    const isTerminal = stdout.isTTY === true && env['TERM'] !== 'dumb';
    await watchStatus({ look, everyMs: watchMs, stdout, isTerminal, color, json, signal });
    return EXIT.ok;
  }
  const { found, rows } = await look();
  const beside = await projectsBeside(plan);
  const width = stdout.isTTY === true ? { width: stdout.columns } : {};
  const text = json
    ? JSON.stringify({
        ...statusDocument('shopctl/status/1', { ...found, services: rows }),
        project: project ?? null,
        running_projects_beside: beside.map(({ project, topology }) => ({ project, topology })),
      })
    : [
        statusText(found, rows, { ...width, color, nowMs: Date.now() }, project),
        ...beside.map(describeBeside),
      ].join('\n');
  await writeAll(stdout, `${text}\n`);
  return isWell(found) ? EXIT.ok : EXIT.environment;
}

function isWell({ services, supervisor }: ProjectStatus): boolean {
  if (supervisor === undefined) return services.every(({ state }) => state !== 'orphaned');
  return services.every((service) => !service.required || isUp(service));
}
