import { shopctlFor } from '../config/index.ts';
import {
  describeExit,
  isUp,
  type ProjectStatus,
  type RunningProject,
  type ServiceStatus,
} from '../topology/index.ts';
import { type ServiceRow, statusTable, type TableStyle } from './status-table.ts';

/** What runs, for people: which topology, its services, and what somebody should know of them. */
export function statusText(
  found: ProjectStatus,
  rows: readonly ServiceRow[],
  style: TableStyle,
  project?: string,
): string {
  const notes = [...found.services.flatMap(note), ...replicaNotes(found.services)];
  return [headline(found, project), statusTable(rows, style), ...notes].join('\n');
}

/** A project that the user may have forgotten, or is looking for. */
export function describeBeside({ project, topology, services }: RunningProject): string {
  const count = services.length === 1 ? '1 service' : `${services.length} services`;
  return `beside it runs the project ${project} (topology ${topology}, ${count}): \`${shopctlFor(project)} status\``;
}

/** A service with replicas is a line of its own, that of what stands before them. */
function replicaNotes(services: readonly ServiceStatus[]): string[] {
  const wholes = [...new Set(services.flatMap(({ replicaOf }) => replicaOf ?? []))];
  return wholes.map((name) => {
    const members = services.filter(({ replicaOf }) => replicaOf === name);
    const ready = members.filter(isUp).length;
    return `${name} shares out what it is asked over its replicas: ${ready} of ${members.length} ready`;
  });
}

function headline({ topology, phase, supervisor, services }: ProjectStatus, project: string | undefined) {
  const named = project === undefined ? '' : `project ${project}, `;
  if (supervisor !== undefined)
    return `${named}topology ${topology}: ${phase} (watched by pid ${supervisor.pid})`;
  const hasOrphans = services.some(({ state }) => state === 'orphaned');
  return hasOrphans
    ? `nobody watches these services any more: \`${shopctlFor(project)} down\` stops them, \`${shopctlFor(project)} up\` replaces them`
    : `${named}topology ${topology}: nothing runs`;
}

function note(service: ServiceStatus): string[] {
  const { name, waitsFor = [] } = service;
  const waits = waitsFor.length === 0 ? [] : [`${name} needs ${waitsFor.join(', ')}, and waits for it`];
  return [...ownNote(service), ...waits];
}

/** Its reason is a sentence about it. */
const isExplained = (state: ServiceStatus['state']) => state === 'failed' || state === 'starting';

function ownNote({ name, state, exit, reason, restarts = 0 }: ServiceStatus): string[] {
  if (restarts > 0 && (state === 'ready' || state === 'restarting' || state === 'starting')) {
    const last = exit === undefined ? '' : `; it last ended with ${describeExit(exit)}`;
    return [`${name} has been restarted ${restarts === 1 ? 'once' : `${restarts} times`}${last}`];
  }
  if (state === 'unhealthy' && reason !== undefined) return [`${name} was ready, and now ${reason}`];
  if (isExplained(state) && reason !== undefined) return [`${name}: ${reason}`];
  if (state !== 'exited' || exit === undefined) return [];
  if ('unknown' in exit) return [`${name} ended by itself (${describeExit(exit)})`];
  return [`${name} ended by itself: ${describeExit(exit)}; \`shopctl logs ${name}\` has its last words`];
}
