import { readdirSync } from 'node:fs';
import { DEFAULT_PROJECT, projectsDirOf, shopctlFor, stateDirOf } from '../config/project-folder.ts';
import type { Problem } from '../errors/index.ts';
import { lockDir, lockHolder } from './lock.ts';
import { processTable } from './platform.ts';
import type { TakenPort } from './port-owner.ts';
import { familyOf, isAlive, type ProcessTable } from './process-table.ts';
import { readState, type ServiceStatus } from './state.ts';

/** A project of a configuration that somebody watches at this moment. */
export interface RunningProject {
  readonly project: string;
  readonly topology: string;
  readonly supervisor: number;
  readonly services: readonly ServiceStatus[];
}

/** Those of the same configuration that run beside the one in `stateDir`. */
export async function projectsBeside(
  { root, stateDir }: { readonly root: string; readonly stateDir: string },
  table: ProcessTable = processTable(),
): Promise<RunningProject[]> {
  const found: RunningProject[] = [];
  for (const project of [undefined, ...namesIn(projectsDirOf(root))]) {
    const folder = stateDirOf(root, project);
    if (folder === stateDir) continue;
    const running = await runningIn(folder, project ?? DEFAULT_PROJECT, table);
    if (running !== undefined) found.push(running);
  }
  return found;
}

async function runningIn(stateDir: string, project: string, table: ProcessTable) {
  const holder = await lockHolder(lockDir(stateDir), table);
  const state = holder === undefined ? undefined : readState(stateDir);
  if (state === undefined || state.supervisor.pid !== holder?.pid) return undefined;
  const { topology, services } = state;
  return { project, topology, supervisor: holder.pid, services };
}

/** Says of a taken port that another project of the same configuration has it, where that is so. */
export function explainByProject(
  here: { readonly root: string; readonly stateDir: string },
  table: ProcessTable,
) {
  return async ({ spec, port, listener }: TakenPort): Promise<Problem | undefined> => {
    const holder = await holderAmong(await projectsBeside(here, table), listener.pids, table);
    if (holder === undefined) return undefined;
    const { project, service } = holder;
    const stop = `${shopctlFor(project)} down`;
    return {
      message: `port ${port} of ${spec.name} is taken by ${service} of the project ${project}, which runs (pid ${listener.pids[0]})`,
      hint: `\`--free-ports\` gives this one ports of its own; \`${stop}\` stops the other`,
    };
  };
}

/** Which service of which other project one of these processes belongs to. */
async function holderAmong(
  projects: readonly RunningProject[],
  pids: readonly number[],
  table: ProcessTable,
): Promise<{ readonly project: string; readonly service: string } | undefined> {
  const all = await table.list();
  for (const { project, services } of projects) {
    for (const { name, pid, startTime } of services) {
      if (pid === undefined || startTime === undefined) continue;
      if (!familyOf(pid, all).some((member) => pids.includes(member))) continue;
      if (await isAlive({ pid, startTime }, table)) return { project, service: name };
    }
  }
  return undefined;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    // No project has been given a name here.
    return [];
  }
}
