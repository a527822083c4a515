import { describeExit, type ProjectStatus, type ServiceStatus } from '../topology/index.ts';
import { type ServiceRow, statusTable, type TableStyle } from './status-table.ts';

/** What runs, for people: which topology, its services, and what somebody should know of them. */
export function statusText(found: ProjectStatus, rows: readonly ServiceRow[], style: TableStyle): string {
  return [headline(found), statusTable(rows, style), ...found.services.flatMap(note)].join('\n');
}

function headline({ topology, phase, supervisor, services }: ProjectStatus): string {
  if (supervisor !== undefined) return `topology ${topology}: ${phase} (watched by pid ${supervisor.pid})`;
  const hasOrphans = services.some(({ state }) => state === 'orphaned');
  return hasOrphans
    ? 'nobody watches these services any more: `shopctl down` stops them, `shopctl up` replaces them'
    : `topology ${topology}: nothing runs`;
}

function note({ name, state, exit, reason, restarts = 0 }: ServiceStatus): string[] {
  if (restarts > 0 && (state === 'ready' || state === 'restarting' || state === 'starting')) {
    const last = exit === undefined ? '' : `; it last ended with ${describeExit(exit)}`;
    return [`${name} has been restarted ${restarts === 1 ? 'once' : `${restarts} times`}${last}`];
  }
  if (state === 'unhealthy' && reason !== undefined) return [`${name} was ready, and now ${reason}`];
  if (state === 'failed' && reason !== undefined) return [`${name}: ${reason}`];
  if (state !== 'exited' || exit === undefined) return [];
  if ('unknown' in exit) return [`${name} ended by itself (${describeExit(exit)})`];
  return [`${name} ended by itself: ${describeExit(exit)}; \`shopctl logs ${name}\` has its last words`];
}
