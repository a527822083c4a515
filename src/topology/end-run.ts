import { removeSocket } from './control/socket-path.ts';
import { leftoversOf, type Reaped, reapLeftovers } from './leftovers.ts';
import { signalGroup, stopGroup } from './process-group.ts';
import type { ProcessTable } from './process-table.ts';
import { readState, type TopologyState, writeState } from './state.ts';

interface RunEnd {
  readonly stateDir: string;
  readonly run: string;
  readonly table: ProcessTable;
}

/** Nobody is there any more to whom a service could matter: just enough to close a file. */
const GRACE_MS = 250;

/** Ends every process of a run whose supervisor is gone, and writes down that they are. */
export async function endRun({ stateDir, run, table }: RunEnd): Promise<void> {
  const state = readState(stateDir);
  // Another run may have taken over since; its processes are its own.
  if (state?.run === run) {
    const services = state.services.map((service) => ({ ...service, stopGraceMs: GRACE_MS, needs: [] }));
    const reaped = await reapLeftovers(await leftoversOf({ ...state, services }, table), table);
    await endMarked(run, table);
    removeSocket(state.control);
    const now = readState(stateDir);
    if (now?.run === run && now.phase !== 'stopped') writeState(stateDir, ended(now, reaped));
  } else {
    await endMarked(run, table);
  }
}

/** What has left its group, or was started a moment before its supervisor died and stands in no state. */
export async function endMarked(run: string, table: ProcessTable): Promise<void> {
  const groups = async () => {
    const bearers = new Set(await table.bearers(run));
    const all = await table.list();
    return new Set(all.filter(({ pid, zombie }) => bearers.has(pid) && !zombie).map(({ pgid }) => pgid));
  };
  await Promise.all([...(await groups())].map((pgid) => stopGroup({ pgid, graceMs: GRACE_MS, table })));
  // Whoever was born meanwhile gets no grace.
  for (const pgid of await groups()) signalGroup(pgid, 'SIGKILL');
}

function ended(state: TopologyState, reaped: readonly Reaped[]): TopologyState {
  const hows = new Map(reaped.map(({ service, how }) => [service.name, how]));
  const services = state.services.map((service) => {
    const { pid: _pid, startTime: _startTime, ...rest } = service;
    const how = hows.get(service.name);
    if (how === 'survived') return service;
    return how === undefined ? rest : { ...rest, state: 'stopped' as const, how };
  });
  return { ...state, phase: 'stopped', services };
}
