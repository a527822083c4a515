import { Chalk, type ChalkInstance } from 'chalk';
import { EXIT, type ExitCode } from '../../errors/index.ts';
import { formatDuration } from '../../lib/duration.ts';
import {
  describeExit,
  isUp,
  type ProjectStatus,
  readStatus,
  type ServiceStatus,
} from '../../topology/index.ts';
import type { CliContext } from '../context.ts';
import { writeAll } from '../log-printer.ts';
import { statusDocument } from '../status-document.ts';

/**
 * Prints what runs. Exit code: 0 when every required service is ready, and when nothing runs; the environment's when a
 * required service is not ready, or runs without anybody watching it.
 */
export async function status(context: CliContext): Promise<ExitCode> {
  const found = await readStatus(context.loadProject());
  const text = context.json
    ? JSON.stringify(statusDocument('shopctl/status/1', found))
    : statusTable(found, { color: context.color, nowMs: Date.now() });
  await writeAll(context.stdout, `${text}\n`);
  return isWell(found) ? EXIT.ok : EXIT.environment;
}

function isWell({ services, supervisor }: ProjectStatus): boolean {
  if (supervisor === undefined) return services.every(({ state }) => state !== 'orphaned');
  return services.every((service) => !service.required || isUp(service));
}

const COLUMNS = ['SERVICE', 'STATE', 'PORT', 'PID', 'UPTIME', 'URL'] as const;

interface TableStyle {
  readonly color: boolean;
  readonly nowMs: number;
}

export function statusTable(found: ProjectStatus, { color, nowMs }: TableStyle): string {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const rows = found.services.map((service) => cells(service, nowMs));
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  const body = rows.map((row) => {
    const [name = '', state = '', ...rest] = line(row);
    return [name, paintState(state, chalk), ...rest].join('  ').trimEnd();
  });
  const notes = found.services.flatMap(note);
  return [headline(found), chalk.dim(line(COLUMNS).join('  ').trimEnd()), ...body, ...notes].join('\n');
}

function headline({ topology, phase, supervisor, services }: ProjectStatus): string {
  if (supervisor !== undefined) return `topology ${topology}: ${phase} (watched by pid ${supervisor.pid})`;
  const hasOrphans = services.some(({ state }) => state === 'orphaned');
  return hasOrphans
    ? 'nobody watches these services any more: `shopctl down` stops them, `shopctl up` replaces them'
    : `topology ${topology}: nothing runs`;
}

function cells({ name, state, port, pid, url, since }: ServiceStatus, nowMs: number): string[] {
  const runs = state === 'ready' || state === 'unhealthy' || state === 'orphaned';
  const uptime = runs && since !== undefined ? formatDuration(Math.max(0, nowMs - Date.parse(since))) : '-';
  return [name, state, String(port ?? '-'), String(pid ?? '-'), uptime, url ?? '-'];
}

function note({ name, state, exit, reason, restarts = 0 }: ServiceStatus): string[] {
  if (restarts > 0 && (state === 'ready' || state === 'restarting' || state === 'starting')) {
    const last = exit === undefined ? '' : `; it last ended with ${describeExit(exit)}`;
    return [`${name} has been restarted ${restarts === 1 ? 'once' : `${restarts} times`}${last}`];
  }
  if (state === 'unhealthy' && reason !== undefined) return [`${name} was ready, and now ${reason}`];
  if (state === 'failed' && reason !== undefined) return [`${name}: ${reason}`];
  if (state !== 'exited' || exit === undefined) return [];
  return [`${name} ended by itself: ${describeExit(exit)}; \`shopctl logs ${name}\` has its last words`];
}

function paintState(cell: string, chalk: ChalkInstance): string {
  const state = cell.trimEnd();
  if (state === 'ready' || state === 'completed') return chalk.green(cell);
  if (state === 'failed' || state === 'exited' || state === 'unhealthy' || state === 'orphaned')
    return chalk.red(cell);
  return state === 'stopped' ? chalk.dim(cell) : chalk.yellow(cell);
}
