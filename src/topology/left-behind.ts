import { leftoversOf } from './leftovers.ts';
import { claimsIn, lockDir } from './lock.ts';
import { processTable } from './platform.ts';
import { readState } from './state.ts';

/** What a run that was killed has left. */
export interface LeftBehind {
  /** Pid of a supervisor that is gone, and whose state says that it watches. */
  readonly deadSupervisor?: number;
  /** Services that still run although nobody watches. */
  readonly orphans: readonly { readonly service: string; readonly pid: number }[];
  /** Pids of processes that are gone and whose claims to the lock are still there. */
  readonly deadClaims: readonly number[];
}

/** Looks, and leaves everything as it is. @throws ShopctlError `state-unusable` */
export async function leftBehind(stateDir: string): Promise<LeftBehind> {
  const table = processTable();
  const claims = await claimsIn(lockDir(stateDir), table);
  const deadClaims = claims.filter(({ isAlive }) => !isAlive).map(({ pid }) => pid);
  const state = readState(stateDir);
  if (state === undefined || claims.some(({ isAlive }) => isAlive)) return { orphans: [], deadClaims };
  const orphans = (await leftoversOf(state, table)).map(({ service: { name }, pid }) => ({
    service: name,
    pid,
  }));
  const isOpen = state.phase !== 'stopped';
  return { orphans, deadClaims, ...(isOpen ? { deadSupervisor: state.supervisor.pid } : {}) };
}
