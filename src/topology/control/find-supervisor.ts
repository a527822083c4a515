import { ShopctlError } from '../../errors/index.ts';
import { type LockHolder, lockDir, lockHolder } from '../lock.ts';
import { pause } from '../pause.ts';
import type { TopologyPlan } from '../plan.ts';
import { processTable } from '../platform.ts';
import { readState } from '../state.ts';
import { type ControlClient, type ControlListener, connectControl } from './client.ts';

/** A supervisor holds the lock a moment before it can be spoken to: it may be stopping what an earlier run left. */
const LIMIT_MS = 10_000;
/** A process that was killed is gone for good after this. */
const DYING_MS = 1_000;
const POLL_MS = 20;

/**
 * Connects to whoever supervises a run of this project; undefined when nothing runs.
 * @throws ShopctlError `control-unavailable`
 */
export async function connectToRun(
  { stateDir }: Pick<TopologyPlan, 'stateDir'>,
  { signal, ...listener }: ControlListener & { readonly signal: AbortSignal },
): Promise<ControlClient | undefined> {
  const table = processTable();
  const startedAtMs = performance.now();
  const isWithin = (limitMs: number) => performance.now() - startedAtMs < limitMs;
  for (;;) {
    const holder = await lockHolder(lockDir(stateDir), table);
    if (holder === undefined) return undefined;
    const path = socketOf(stateDir, holder);
    const isLast = !isWithin(DYING_MS);
    const client = path === undefined ? undefined : await tryToConnect(path, { listener, isLast });
    if (client !== undefined) return client;
    if (signal.aborted || !isWithin(LIMIT_MS)) throw notYet(holder);
    await pause(POLL_MS, signal);
  }
}

interface Attempt {
  readonly listener: ControlListener;
  readonly isLast: boolean;
}

/** Undefined when the connection broke, as it does while a supervisor is dying: whether it is shows in a moment. */
async function tryToConnect(path: string, { listener, isLast }: Attempt): Promise<ControlClient | undefined> {
  try {
    return await connectControl(path, listener);
  } catch (error) {
    const isBroken = error instanceof ShopctlError && error.cause !== undefined;
    if (!isBroken || isLast) throw error;
    return undefined;
  }
}

function socketOf(stateDir: string, { pid, startTime }: LockHolder): string | undefined {
  const state = readState(stateDir);
  const isOurs = state?.supervisor.pid === pid && state.supervisor.startTime === startTime;
  return isOurs && state.phase !== 'stopped' ? state.control : undefined;
}

const notYet = ({ pid }: LockHolder) =>
  new ShopctlError('control-unavailable', {
    message: `pid ${pid} holds the project but cannot be spoken to`,
    hint: 'it may be stopping what an earlier run left: try again, or see `shopctl status`',
  });

export const notRunning = (project: string) =>
  new ShopctlError('not-running', { message: `${project} does not run` });
