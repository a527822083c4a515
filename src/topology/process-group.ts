import type { StopOutcome } from '../model/index.ts';
import { pause } from './pause.ts';
import {
  familyOf,
  mayStemFrom,
  type ProcessEntry,
  type ProcessIdentity,
  type ProcessTable,
} from './process-table.ts';

/** How a group of processes ended. `survived` means that even SIGKILL did not end it within the limit. */
export type GroupEnd = StopOutcome;

export interface GroupStop {
  readonly pgid: number;
  readonly graceMs: number;
  readonly table: ProcessTable;
  /** Aborted: no more grace, SIGKILL at once. */
  readonly hurry?: AbortSignal | undefined;
}

/** After SIGKILL the kernel needs a moment; a process stuck in the kernel (dead network disk) may need for ever. */
const KILL_LIMIT_MS = 5_000;

/**
 * Ends every process of a group: SIGTERM, grace, SIGKILL; then the descendants of its leader that had left for a group of
 * their own (`setsid`), unless they have ended with it. Resolves when none is left, and says how that came about.
 */
export async function stopGroup(stop: GroupStop): Promise<GroupEnd> {
  const { pgid, table } = stop;
  if (await isGroupEmpty(pgid, table)) return 'already-gone';
  // Asked now: once their parent is gone, nothing tells any more whose they are.
  const breakaways = await breakawayGroups(pgid, table);
  const first = await endGroup(stop);
  const others = await Promise.all(
    breakaways.map(async (leader): Promise<GroupEnd> => {
      return (await isSameGroup(leader, table)) ? endGroup({ ...stop, pgid: leader.pid }) : 'already-gone';
    }),
  );
  const hows = [first, ...others];
  return (['survived', 'killed'] as const).find((how) => hows.includes(how)) ?? first;
}

async function breakawayGroups(pgid: number, table: ProcessTable): Promise<ProcessIdentity[]> {
  const all = await table.list();
  const family = new Set(familyOf(pgid, all));
  return all.filter((entry) => entry.pid === entry.pgid && entry.pid !== pgid && family.has(entry.pid));
}

/**
 * Whether a group still lives that once had this leader. A pid that another process has got since is not taken for it: a
 * leader must have the same start; where it has ended, its members must be of the same boot and younger than it.
 */
export async function isSameGroup(
  { pid, startTime }: ProcessIdentity,
  table: ProcessTable,
): Promise<boolean> {
  const leader = await table.find(pid);
  if (leader !== undefined && leader.startTime !== startTime) return false;
  return (await groupMembers(pid, table)).some((member) => mayStemFrom(member.startTime, startTime));
}

async function endGroup({ pgid, graceMs, table, hurry }: GroupStop): Promise<GroupEnd> {
  if (hurry?.aborted !== true) {
    signalGroup(pgid, 'SIGTERM');
    // A stopped process (SIGSTOP, Ctrl-Z) takes SIGTERM only once it goes on.
    signalGroup(pgid, 'SIGCONT');
    if (await isEmptyWithin({ pgid, limitMs: graceMs, table, hurry })) return 'terminated';
  }
  signalGroup(pgid, 'SIGKILL');
  return (await isEmptyWithin({ pgid, limitMs: KILL_LIMIT_MS, table })) ? 'killed' : 'survived';
}

/** Sends a signal to every process of a group; a group that is gone is no error. */
export function signalGroup(pgid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pgid, signal);
  } catch (error) {
    if (!isErrno(error, 'ESRCH') && !isErrno(error, 'EPERM')) throw error;
  }
}

/** Living members of a group. */
export async function groupMembers(pgid: number, table: ProcessTable): Promise<readonly ProcessEntry[]> {
  return (await table.list()).filter((entry) => entry.pgid === pgid && !entry.zombie);
}

async function isGroupEmpty(pgid: number, table: ProcessTable): Promise<boolean> {
  try {
    process.kill(-pgid, 0);
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return true;
    if (!isErrno(error, 'EPERM')) throw error;
  }
  // Most often its leader still lives: one look instead of one at every process there is.
  const leader = await table.find(pgid);
  if (leader !== undefined && !leader.zombie) return false;
  // Zombies that nobody collects still answer to signal 0 and hold nothing.
  return (await groupMembers(pgid, table)).length === 0;
}

interface EmptyWait {
  readonly pgid: number;
  readonly limitMs: number;
  readonly table: ProcessTable;
  readonly hurry?: AbortSignal | undefined;
}

async function isEmptyWithin({ pgid, limitMs, table, hurry }: EmptyWait): Promise<boolean> {
  const deadlineMs = performance.now() + limitMs;
  for (let pauseMs = 4; ; pauseMs = Math.min(pauseMs * 1.5, 50)) {
    if (await isGroupEmpty(pgid, table)) return true;
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0 || hurry?.aborted === true) return false;
    await pause(Math.min(pauseMs, leftMs), hurry);
  }
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
