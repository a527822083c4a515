import { existsSync, lstatSync, promises, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ShopctlError } from '../errors/index.ts';
import { removeSocket } from './control/socket-path.ts';
import { endMarked } from './end-run.ts';
import { leftoversOf, type Reaped, reapLeftovers } from './leftovers.ts';
import { acquireLock, isLock, type LockHolder, lockDir, lockHolder } from './lock.ts';
import type { TopologyPlan } from './plan.ts';
import { processTable } from './platform.ts';
import { isErrno } from './process-group.ts';
import { isAlive, type ProcessTable } from './process-table.ts';
import { alreadyRunning } from './start-topology.ts';
import { prepareStateDir, readState, type TopologyState, writeState } from './state.ts';
import { interrupted } from './supervise-run.ts';
import type { StoppedService } from './topology-run.ts';

export interface StopOptions {
  /** Aborted: stops waiting and fails with `interrupted`; the supervisor goes on stopping. */
  readonly signal: AbortSignal;
  /** Also delete what the services stored: `<stateDir>/data`. */
  readonly volumes: boolean;
}

export interface StopReport {
  /** The process that was asked to stop; absent when none watched. */
  readonly supervisor?: number;
  readonly stopped: readonly StoppedService[];
  readonly deletedData: boolean;
}

/** Beyond the graces of all services: a supervisor that needs longer hangs itself. */
const SUPERVISOR_SLACK_MS = 10_000;
const POLL_MS = 15;

/**
 * Stops whatever runs of a project, whoever started it. Resolves when no process of it is left.
 * @throws ShopctlError `stop-incomplete` when a process outlives even SIGKILL, `already-running`, `state-unusable`
 */
export async function stopRunning(plan: TopologyPlan, options: StopOptions): Promise<StopReport> {
  const table = processTable();
  const { stateDir, topology } = plan;
  if (!existsSync(stateDir)) return { stopped: [], deletedData: false };
  const holder = await lockHolder(lockDir(stateDir), table);
  if (holder !== undefined) await endSupervisor(stateDir, holder, { table, signal: options.signal });
  const byItself = holder === undefined ? [] : stoppedBy(readState(stateDir), holder);

  prepareStateDir(stateDir);
  const note = { topology, since: new Date().toISOString() };
  const lock = await acquireLock({ dir: lockDir(stateDir), note, table, signal: options.signal });
  if (!isLock(lock)) throw alreadyRunning(plan, lock);
  try {
    const reaped = await reapRecorded(stateDir, table);
    const stopped = [...byItself, ...reaped.map(({ service, how }) => ({ service: service.name, how }))];
    refuseSurvivors(stopped, reaped);
    const deletedData = options.volumes && (await deleteData(stateDir));
    return { stopped, deletedData, ...(holder === undefined ? {} : { supervisor: holder.pid }) };
  } finally {
    lock.release();
  }
}

async function endSupervisor(
  stateDir: string,
  holder: LockHolder,
  { table, signal }: { table: ProcessTable; signal: AbortSignal },
): Promise<void> {
  if (holder.pid === process.pid) throw new Error('a process cannot ask itself to stop its topology');
  const state = readState(stateDir);
  // A second SIGTERM would mean: no more grace. Somebody else's `down` is no reason for that.
  const isAsked = state?.phase === 'stopping' && state.supervisor.startTime === holder.startTime;
  if (!isAsked) send(holder.pid, 'SIGTERM');
  // A suspended supervisor (Ctrl-Z) takes it only once it goes on.
  send(holder.pid, 'SIGCONT');
  const graceMs = (state?.services ?? [])
    .map(({ stopGraceMs }) => stopGraceMs ?? 0)
    .reduce((sum, each) => sum + each, 0);
  const deadlineMs = performance.now() + graceMs + SUPERVISOR_SLACK_MS;
  while (await isHolding(stateDir, holder, table)) {
    if (signal.aborted) throw interrupted();
    if (performance.now() > deadlineMs) send(holder.pid, 'SIGKILL');
    await sleep(POLL_MS);
  }
}

/** It holds until it has given the lock back; it may live on, as a test run that prints its results does. */
async function isHolding(stateDir: string, holder: LockHolder, table: ProcessTable): Promise<boolean> {
  if (!(await isAlive(holder, table))) return false;
  const now = await lockHolder(lockDir(stateDir), table);
  return now?.pid === holder.pid && now.startTime === holder.startTime;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone already is what we want.
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

function stoppedBy(state: TopologyState | undefined, holder: LockHolder): StoppedService[] {
  if (state === undefined || state.supervisor.pid !== holder.pid) return [];
  return [...state.services].reverse().flatMap(({ name, how }) => {
    return how === undefined || how === 'already-gone' ? [] : [{ service: name, how }];
  });
}

async function reapRecorded(stateDir: string, table: ProcessTable): Promise<Reaped[]> {
  const state = readState(stateDir);
  if (state === undefined) return [];
  const reaped = await reapLeftovers(await leftoversOf(state, table), table);
  await endMarked(state.run, table);
  removeSocket(state.control);
  const hows = new Map(reaped.map(({ service, how }) => [service.name, how]));
  const services = state.services.map(({ pid, startTime, ...service }) => {
    const how = hows.get(service.name);
    if (how === 'survived') return { ...service, ...(pid && startTime ? { pid, startTime } : {}) };
    return how === undefined ? service : { ...service, state: 'stopped' as const, how };
  });
  if (reaped.length > 0) writeState(stateDir, { ...state, phase: 'stopped', services });
  return reaped;
}

function refuseSurvivors(stopped: readonly StoppedService[], reaped: readonly Reaped[]): void {
  const survivors = stopped.filter(({ how }) => how === 'survived').map(({ service }) => service);
  if (survivors.length === 0) return;
  const pids = reaped.filter(({ how }) => how === 'survived').map(({ pid }) => pid);
  throw new ShopctlError('stop-incomplete', {
    message: `not even SIGKILL ended ${survivors.join(', ')}${pids.length === 0 ? '' : ` (pid ${pids.join(', ')})`}`,
    hint: 'a process that hangs in the kernel, on a dead network disk say, ends only when that answers',
  });
}

/** @throws ShopctlError `state-unusable` when the folder leads elsewhere: what is deleted must be ours */
async function deleteData(stateDir: string): Promise<boolean> {
  const data = join(stateDir, 'data');
  const stats = lstatSync(data, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  const isOurs = stats.isDirectory() && dirname(realpathSync(data)) === realpathSync(stateDir);
  if (!isOurs) {
    throw new ShopctlError('state-unusable', {
      message: `${data} is not a folder of its own but leads elsewhere; it was not deleted`,
      hint: 'delete what it points to yourself, if that is what you want',
    });
  }
  await promises.rm(data, { recursive: true });
  return true;
}
