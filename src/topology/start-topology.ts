import { rmSync } from 'node:fs';
import type { OwnService } from '../config/project.ts';
import { shopctlFor } from '../config/project-folder.ts';
import { ShopctlError } from '../errors/index.ts';
import { adoptRunning } from './adopt/adopt-running.ts';
import { checkExpressions } from './check-expressions.ts';
import { type Clock, systemClock } from './clock.ts';
import { removeSocket } from './control/socket-path.ts';
import { endMarked } from './end-run.ts';
import { leftoversOf, reapLeftovers } from './leftovers.ts';
import { acquireLock, isLock, type LockHolder, lockDir, ownIdentity, type ProjectLock } from './lock.ts';
import { inStartOrder, type TopologyPlan, titleOf } from './plan.ts';
import { processTable } from './platform.ts';
import { refuseTakenPorts } from './port-owner.ts';
import type { ProcessTable } from './process-table.ts';
import { explainByProject } from './projects.ts';
import type { RunningTopology, StartOptions } from './running-topology.ts';
import { prepareStateDir, readState, unusable } from './state.ts';
import { interrupted, superviseRun } from './supervise-run.ts';
import { refuseMissingPaths } from './watch/watch-services.ts';

/**
 * Starts the services of a plan and resolves when they are ready. On failure and on abort everything started is stopped
 * before the promise rejects.
 * @throws ShopctlError `already-running`, `port-taken`, `program-not-started`, `service-failed`, `service-not-ready`,
 *   `state-unusable`, `config-invalid`, `interrupted`
 */
export async function startTopology(plan: TopologyPlan, options: StartOptions): Promise<RunningTopology> {
  const inOrder = inStartOrder(plan.services);
  await checkExpressions(inOrder);
  if (options.watch === true) refuseMissingPaths(inOrder);
  const table = processTable();
  const clock = options.clock ?? systemClock;
  prepareStateDir(plan.stateDir);
  let lock: ProjectLock | undefined;
  try {
    lock = await takeLock(plan, { table, clock, signal: options.signal });
    await reapEarlierRun(plan.stateDir, { table, clock, options });
    const services = options.adopt === true ? await adoptRunning(inOrder, table) : inOrder;
    const own = services.filter((spec): spec is OwnService => spec.kind === 'own');
    await refuseTakenPorts(own, table, explainByProject(plan, table));
    if (options.emptyFirst !== undefined) empty(options.emptyFirst, plan.stateDir);
    const supervisor = { ...(await ownIdentity(table)), detached: options.detached ?? false };
    return await superviseRun({ ...plan, services }, { table, clock, options, supervisor, lock });
  } catch (error) {
    lock?.release();
    if (options.signal.aborted) throw interrupted();
    throw error;
  }
}

function empty(folder: string, stateDir: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    throw unusable(stateDir, error);
  }
}

interface Surroundings {
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly options: StartOptions;
}

async function takeLock(
  plan: TopologyPlan,
  { table, clock, signal }: { table: ProcessTable; clock: Clock; signal: AbortSignal },
): Promise<ProjectLock> {
  const { stateDir, topology } = plan;
  const note = { topology, since: new Date(clock.epochMs()).toISOString() };
  const outcome = await acquireLock({ dir: lockDir(stateDir), note, table, signal });
  if (isLock(outcome)) return outcome;
  throw alreadyRunning(plan, outcome);
}

export function alreadyRunning(plan: Pick<TopologyPlan, 'name' | 'project'>, { pid, note }: LockHolder) {
  const what = note === undefined ? '' : ` with the topology ${note.topology} since ${note.since}`;
  return new ShopctlError('already-running', {
    message: `${titleOf(plan)} already runs${what}: pid ${pid} holds it`,
    hint: `watch that one with \`${shopctlFor(plan.project)} up --attach\`, or stop it with \`${shopctlFor(plan.project)} down\``,
  });
}

/** Under the lock no supervisor of this project lives, so whatever it recorded and still runs is left over. */
async function reapEarlierRun(stateDir: string, { table, clock, options }: Surroundings): Promise<void> {
  const state = readState(stateDir);
  if (state === undefined) return;
  const reaped = await reapLeftovers(await leftoversOf(state, table), table, options.hurry);
  // To look for marks is to look at every process there is; whoever wrote that all is stopped has done so.
  if (state.phase !== 'stopped') await endMarked(state.run, table);
  removeSocket(state.control);
  for (const { service, pid } of reaped) {
    void options.onEvent({ type: 'service-reaped', service: service.name, atMs: clock.epochMs(), pid });
  }
}
