import { ShopctlError } from '../errors/index.ts';
import type { Clock } from './clock.ts';
import { type RunEnd, toldError } from './control/messages.ts';
import { type ControlServer, openControl } from './control/server.ts';
import { endMarked } from './end-run.ts';
import type { ProjectLock } from './lock.ts';
import { clearLogs } from './log-segments.ts';
import type { TopologyPlan } from './plan.ts';
import type { ProcessTable } from './process-table.ts';
import { nameRun } from './run-mark.ts';
import { createRecord } from './run-record.ts';
import type { RunSurroundings } from './run-surroundings.ts';
import type { RunningTopology, StartOptions } from './running-topology.ts';
import type { ServiceOperation } from './service-operations.ts';
import type { ServiceStatus } from './state.ts';
import { type StoppedService, TopologyRun } from './topology-run.ts';
import { type ServiceWatching, watchedServices, watchServices } from './watch/watch-services.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

export interface Supervision {
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly options: StartOptions;
  readonly supervisor: { readonly pid: number; readonly startTime: string; readonly detached: boolean };
  readonly lock: ProjectLock;
}

/** About as long as a timer can be: it is there, not to ring. */
const STAY_ALIVE_MS = 2 ** 30;

/**
 * Starts the services of a plan under the project's lock, and stays with them until they are stopped: keeps their state on
 * disk, has a watchdog beside it, and listens for requests. @throws as `startTopology`; then all is stopped again
 */
export async function superviseRun(plan: TopologyPlan, supervision: Supervision): Promise<RunningTopology> {
  const { table, clock, options, supervisor, lock } = supervision;
  const { stateDir, services, topology } = plan;
  const mark = nameRun(supervisor);
  const record = createRecord(plan, mark, options);
  const around: RunSurroundings = {
    stateDir,
    table,
    clock,
    random: options.random ?? Math.random,
    run: mark,
    onEvent: (event) => {
      control.tell(event);
      return options.onEvent(event);
    },
    onChange: () => record.changed(() => run.statuses()),
  };
  const run: TopologyRun = new TopologyRun(services, { topology, hurry: options.hurry, around });
  const control: ControlServer = await openControl(stateDir, supervisor.pid, {
    statuses: () => ({ topology, phase: record.phase, services: run.statuses() }),
    perform: (operation, names, how) => perform(run, operation, names, how),
  });
  let hasEndedItself = false;
  void run.allEnded.then(() => {
    hasEndedItself = true;
  });
  const open = () => {
    const since = new Date(clock.epochMs()).toISOString();
    record.open({ ...supervisor, since }, run.statuses(), control.path);
  };
  const stop = async (failure?: ShopctlError) => {
    record.enter('stopping', run.statuses());
    // A restart that goes on ends with its service; the watch that asked for it waits for that.
    const unwatched = watching?.close();
    const stopped = await run.stop();
    await unwatched;
    await endMarked(mark, table);
    record.enter('stopped', run.statuses());
    await watchdog?.dismiss();
    process.off('exit', killNow);
    clearInterval(staysAlive);
    await control.close(endOfRun(run.statuses(), { failure, hasEndedItself }));
    lock.release();
    return stopped;
  };
  const killNow = () => run.killNow();
  process.once('exit', killNow);
  // Services that run elsewhere hold nothing open here, and a process with nothing open would simply end.
  const staysAlive = setInterval(() => undefined, STAY_ALIVE_MS);
  let watchdog: Watchdog | undefined;
  let watching: ServiceWatching | undefined;
  try {
    open();
    clearLogs(stateDir);
    watchdog = startWatchdog({
      stateDir,
      run: mark,
      program: options.watchdog,
      onTrouble: options.onTrouble,
    });
    await run.start(options.signal);
  } catch (error) {
    await stop(options.signal.aborted ? interrupted() : error instanceof ShopctlError ? error : undefined);
    throw error;
  }
  record.enter('up', run.statuses());
  if (options.watch === true) watching = watchRun(plan, run, around);
  control.tellUp();
  return running(run, () => stop());
}

function running(run: TopologyRun, stop: () => Promise<readonly StoppedService[]>): RunningTopology {
  let stopping: Promise<readonly StoppedService[]> | undefined;
  return {
    services: () => run.statuses(),
    allEnded: run.allEnded,
    restart: (names, { withDependants = false } = {}) => run.restart(names, { withDependants }),
    stopServices: (names) => run.stopServices(names),
    startServices: (names) => run.startServices(names),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** What ends by itself may be started again by a change, so that its end is not the end of the run. */
function watchRun(
  { services, root }: TopologyPlan,
  run: TopologyRun,
  around: RunSurroundings,
): ServiceWatching {
  if (watchedServices(services).length > 0) run.holdOpen();
  return watchServices(services, {
    around,
    root,
    restart: async (service) => {
      await run.idle(service);
      await run.restart([service], { withDependants: false });
    },
    hasFailed: (service) => run.statuses().some(({ name, state }) => name === service && state === 'failed'),
  });
}

async function perform(
  run: TopologyRun,
  operation: ServiceOperation,
  names: readonly string[],
  how: { readonly withDependants: boolean },
): Promise<readonly string[]> {
  if (operation === 'stop') return run.stopServices(names);
  await (operation === 'start' ? run.startServices(names) : run.restart(names, how));
  return [];
}

function endOfRun(
  services: readonly ServiceStatus[],
  {
    failure,
    hasEndedItself,
  }: { readonly failure: ShopctlError | undefined; readonly hasEndedItself: boolean },
): RunEnd {
  if (failure !== undefined) return { how: 'failed', error: toldError(failure) };
  return { how: hasEndedItself ? 'by-itself' : 'stopped', services };
}

export const interrupted = () =>
  new ShopctlError('interrupted', { message: 'interrupted; everything that was started is stopped' });
