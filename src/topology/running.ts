import { shopctlFor } from '../config/project-folder.ts';
import { ShopctlError } from '../errors/index.ts';
import { isUp } from './dependants.ts';
import { leftoversOf } from './leftovers.ts';
import { type LockHolder, lockDir, lockHolder } from './lock.ts';
import { type TopologyPlan, titleOf } from './plan.ts';
import { plannedStatus } from './planned-status.ts';
import { processTable } from './platform.ts';
import { isAlive, type ProcessTable } from './process-table.ts';
import { readState, type ServiceStatus, type TopologyState } from './state.ts';

/** A project as it is at this moment. */
export interface ProjectStatus {
  readonly topology: string;
  /** Who watches the services; absent when nothing runs, or when only orphans do. */
  readonly supervisor?: { readonly pid: number; readonly since?: string; readonly detached?: boolean };
  readonly phase: TopologyState['phase'];
  readonly services: readonly ServiceStatus[];
}

/** What runs of a project, each process looked up now: a dead one is never called ready. */
export async function readStatus(plan: TopologyPlan): Promise<ProjectStatus> {
  const table = processTable();
  const holder = await lockHolder(lockDir(plan.stateDir), table);
  const state = readState(plan.stateDir);
  if (holder === undefined) return statusWithoutSupervisor(plan, state, table);
  const { pid } = holder;
  if (state === undefined || !isWrittenBy(state, holder)) {
    const topology = holder.note?.topology ?? plan.topology;
    return { topology, supervisor: { pid }, phase: 'starting', services: planned(plan, 'waiting') };
  }
  const { topology, phase } = state;
  const { since, detached } = state.supervisor;
  const services = await Promise.all(state.services.map((service) => verified(service, table)));
  return { topology, phase, supervisor: { pid, since, detached }, services };
}

/** The services of a running topology that this process did not start and must not stop. */
export interface AttachedTopology {
  services(): readonly ServiceStatus[];
}

/**
 * The topology that already runs for this project; undefined when nothing does.
 * @throws ShopctlError `already-running` when what runs is another topology, is configured differently, or is not whole
 */
export async function attach(plan: TopologyPlan): Promise<AttachedTopology | undefined> {
  const status = await readStatus(plan);
  if (status.supervisor === undefined) return undefined;
  const obstacle = obstacleTo(plan, status);
  if (obstacle === undefined) return { services: () => status.services };
  throw new ShopctlError('already-running', {
    message: `${titleOf(plan)} already runs (pid ${status.supervisor.pid}), but ${obstacle}`,
    hint: `stop it with \`${shopctlFor(plan.project)} down\` and try again`,
  });
}

function obstacleTo(plan: TopologyPlan, { topology, phase, services }: ProjectStatus): string | undefined {
  if (topology !== plan.topology) return `with the topology ${topology} instead of ${plan.topology}`;
  if (phase === 'starting') return 'it is still starting';
  if (phase !== 'up') return 'it is being stopped';
  const byName = new Map(services.map((service) => [service.name, service]));
  for (const spec of plan.services) {
    const running = byName.get(spec.name);
    if (running === undefined) return `without ${spec.name}`;
    if (running.url !== plannedStatus(spec, plan.stateDir).url) {
      return `${spec.name} runs at ${running.url ?? 'no address'}, which is not what the configuration says now`;
    }
    if (spec.required && !isUp(running)) return `${spec.name} is ${running.state}`;
  }
  return undefined;
}

async function statusWithoutSupervisor(
  plan: TopologyPlan,
  state: TopologyState | undefined,
  table: ProcessTable,
): Promise<ProjectStatus> {
  const leftovers = state === undefined ? [] : await leftoversOf(state, table);
  const orphans = leftovers.map(({ service }) => ({ ...service, state: 'orphaned' as const }));
  const isOrphan = ({ name }: { name: string }) => orphans.some((orphan) => orphan.name === name);
  const ends = new Map(ownEnds(plan, state).map((service) => [service.name, service]));
  const rest = planned(plan, 'stopped')
    .filter((service) => !isOrphan(service))
    .map((service) => ends.get(service.name) ?? service);
  return { topology: plan.topology, phase: 'stopped', services: [...orphans, ...rest] };
}

/** Services of the last run that were not stopped but failed, or ended by themselves: nobody has been told why yet. */
function ownEnds({ topology }: TopologyPlan, state: TopologyState | undefined): ServiceStatus[] {
  if (state?.topology !== topology) return [];
  return state.services
    .filter(({ state: how }) => how === 'failed' || how === 'exited')
    .map(({ pid: _pid, startTime: _startTime, ...service }) => service);
}

function planned({ services, stateDir }: TopologyPlan, state: 'waiting' | 'stopped'): ServiceStatus[] {
  return services.map((spec) => ({ ...plannedStatus(spec, stateDir), state }));
}

const isWrittenBy = ({ supervisor }: TopologyState, holder: LockHolder) =>
  supervisor.pid === holder.pid && supervisor.startTime === holder.startTime;

/** The supervisor notices an end within milliseconds; this closes even that gap, and a stopped supervisor's. */
async function verified(service: ServiceStatus, table: ProcessTable): Promise<ServiceStatus> {
  const { state } = service;
  const { pid, startTime } = service.adopted ?? service;
  const shouldLive = state === 'ready' || state === 'unhealthy' || state === 'starting';
  if (!shouldLive || pid === undefined || startTime === undefined) return service;
  return (await isAlive({ pid, startTime }, table)) ? service : { ...service, state: 'exited' };
}
