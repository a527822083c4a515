import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnService } from '../config/project.ts';
import { ShopctlError } from '../errors/index.ts';
import type { ServiceEvent } from '../model/index.ts';
import { adoptRunning } from './adopt/adopt-running.ts';
import { checkExpressions } from './check-expressions.ts';
import { type Clock, systemClock } from './clock.ts';
import { endMarked } from './end-run.ts';
import { leftoversOf, reapLeftovers } from './leftovers.ts';
import { acquireLock, isLock, type LockHolder, ownIdentity, type ProjectLock } from './lock.ts';
import { clearLogs } from './log-segments.ts';
import { inStartOrder, type TopologyPlan } from './plan.ts';
import { processTable } from './platform.ts';
import { refuseTakenPorts } from './port-owner.ts';
import type { ProcessTable } from './process-table.ts';
import { nameRun } from './run-mark.ts';
import {
  prepareStateDir,
  readState,
  type ServiceStatus,
  type TopologyState,
  unusable,
  writeState,
} from './state.ts';
import { type StoppedService, TopologyRun } from './topology-run.ts';
import { startWatchdog } from './watchdog.ts';

export interface StartOptions {
  /** Aborted while starting: everything is stopped again, and the start fails with `interrupted`. */
  readonly signal: AbortSignal;
  /** Aborted while stopping: no more grace. */
  readonly hurry?: AbortSignal;
  /** A promise returned for `log-lines` holds that service's output back. */
  readonly onEvent: (event: ServiceEvent) => void | Promise<void>;
  readonly clock?: Clock;
  /** Spreads restarts. */
  readonly random?: () => number;
  /** A folder to empty before anything starts: only once the lock is held, so that no other run is using it. */
  readonly emptyFirst?: string;
  /** Take services that somebody already runs on their ports as they are, instead of refusing to start. */
  readonly adopt?: boolean;
  /** The supervisor has no terminal. */
  readonly detached?: boolean;
  /** The built watchdog program; given where this code does not run from its build. */
  readonly watchdog?: URL;
}

/** A topology that this process started and has to stop. */
export interface RunningTopology {
  services(): readonly ServiceStatus[];
  /** Settles when its last process has ended by itself; never, when it has none. */
  readonly allEnded: Promise<void>;
  /** Stops everything, dependants first; afterwards none of its processes is left, or the report says which. */
  stop(): Promise<readonly StoppedService[]>;
}

/**
 * Starts the services of a plan and resolves when they are ready. On failure and on abort everything started is stopped
 * before the promise rejects.
 * @throws ShopctlError `already-running`, `port-taken`, `program-not-started`, `service-failed`, `service-not-ready`,
 *   `state-unusable`, `config-invalid`, `interrupted`
 */
export async function startTopology(plan: TopologyPlan, options: StartOptions): Promise<RunningTopology> {
  const inOrder = inStartOrder(plan.services);
  await checkExpressions(inOrder);
  const table = processTable();
  const clock = options.clock ?? systemClock;
  prepareStateDir(plan.stateDir);
  let lock: ProjectLock | undefined;
  try {
    lock = await takeLock(plan, { table, clock, signal: options.signal });
    await reapEarlierRun(plan.stateDir, { table, clock, options });
    const services = options.adopt === true ? await adoptRunning(inOrder, table) : inOrder;
    const own = services.filter((spec): spec is OwnService => spec.kind === 'own');
    await refuseTakenPorts(own, table);
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

interface Supervision extends Surroundings {
  readonly supervisor: { readonly pid: number; readonly startTime: string; readonly detached: boolean };
  readonly lock: ProjectLock;
}

/** About as long as a timer can be: it is there, not to ring. */
const STAY_ALIVE_MS = 2 ** 30;

async function superviseRun(plan: TopologyPlan, supervision: Supervision): Promise<RunningTopology> {
  const { table, clock, options, supervisor, lock } = supervision;
  const { stateDir, services } = plan;
  const mark = nameRun(supervisor);
  const record = createRecord(plan, mark, supervision);
  const run: TopologyRun = new TopologyRun(services, {
    stateDir,
    table,
    clock,
    random: options.random ?? Math.random,
    run: mark,
    onEvent: options.onEvent,
    onChange: () => record.save(run.statuses()),
  });
  record.open({ ...supervisor, since: new Date(clock.epochMs()).toISOString() }, run.statuses());
  clearLogs(stateDir);
  const watchdog = startWatchdog({ stateDir, run: mark, program: options.watchdog });
  const killNow = () => run.killNow();
  process.once('exit', killNow);
  // Services that run elsewhere hold nothing open here, and a process with nothing open would simply end.
  const staysAlive = setInterval(() => undefined, STAY_ALIVE_MS);
  const stop = async () => {
    record.enter('stopping', run.statuses());
    const stopped = await run.stop(options.hurry);
    await endMarked(mark, table);
    record.enter('stopped', run.statuses());
    watchdog.dismiss();
    process.off('exit', killNow);
    clearInterval(staysAlive);
    lock.release();
    return stopped;
  };
  try {
    await run.start(options.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  record.enter('up', run.statuses());
  let stopping: Promise<readonly StoppedService[]> | undefined;
  return {
    services: () => run.statuses(),
    allEnded: run.allEnded,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** The state file of one run. */
function createRecord(plan: TopologyPlan, run: string, { options }: Surroundings) {
  let phase: TopologyState['phase'] = 'starting';
  let supervisor: TopologyState['supervisor'] | undefined;
  const write = (services: readonly ServiceStatus[]) => {
    if (supervisor === undefined) return;
    const { name: project, topology, stateDir } = plan;
    writeState(stateDir, { schema: 'shopctl/state/1', project, topology, supervisor, run, phase, services });
  };
  const save = (services: readonly ServiceStatus[]) => {
    try {
      write(services);
    } catch {
      // The folder was writable at the start. A disk that fills up later must not bring the services down.
    }
  };
  return {
    /** @throws when the state cannot be written: then nothing may be started either */
    open(owner: TopologyState['supervisor'], services: readonly ServiceStatus[]) {
      options.signal.throwIfAborted();
      supervisor = owner;
      write(services);
    },
    save,
    enter(next: TopologyState['phase'], services: readonly ServiceStatus[]) {
      phase = next;
      save(services);
    },
  };
}

async function takeLock(
  { stateDir, topology, name }: TopologyPlan,
  { table, clock, signal }: { table: ProcessTable; clock: Clock; signal: AbortSignal },
): Promise<ProjectLock> {
  const note = { topology, since: new Date(clock.epochMs()).toISOString() };
  const outcome = await acquireLock({ dir: lockDir(stateDir), note, table, signal });
  if (isLock(outcome)) return outcome;
  throw alreadyRunning(name, outcome);
}

export const lockDir = (stateDir: string) => join(stateDir, 'lock');

export function alreadyRunning(project: string, { pid, note }: LockHolder): ShopctlError {
  const what = note === undefined ? '' : ` with the topology ${note.topology} since ${note.since}`;
  return new ShopctlError('already-running', {
    message: `${project} already runs${what}: pid ${pid} holds it`,
  });
}

export const interrupted = () =>
  new ShopctlError('interrupted', { message: 'interrupted; everything that was started is stopped' });

/** Under the lock no supervisor of this project lives, so whatever it recorded and still runs is left over. */
async function reapEarlierRun(stateDir: string, { table, clock, options }: Surroundings): Promise<void> {
  const state = readState(stateDir);
  if (state === undefined) return;
  const reaped = await reapLeftovers(await leftoversOf(state, table), table, options.hurry);
  await endMarked(state.run, table);
  for (const { service, pid } of reaped) {
    void options.onEvent({ type: 'service-reaped', service: service.name, atMs: clock.epochMs(), pid });
  }
}
