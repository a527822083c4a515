import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrno } from './process-group.ts';
import { isAlive, type ProcessIdentity, type ProcessTable } from './process-table.ts';
import { unusable } from './state.ts';

/** What the holder says about itself. */
export interface LockNote {
  readonly topology: string;
  /** ISO 8601. */
  readonly since: string;
}

export interface LockHolder extends ProcessIdentity {
  readonly note: LockNote | undefined;
}

export interface ProjectLock {
  release(): void;
}

interface LockRequest {
  readonly dir: string;
  readonly note: LockNote;
  readonly table: ProcessTable;
  readonly signal?: AbortSignal;
}

export const lockDir = (stateDir: string) => join(stateDir, 'lock');

const CLAIM = /^(?<pid>\d+)-(?<startTime>.+)\.claim$/;
const RIVAL_PAUSE_MS = 10;

/**
 * One holder per folder, without flock (Node has none). Everybody first puts down a claim named by pid and start time,
 * then looks at the others': of two at once at least one sees the other, so never both go on. A claim whose process is
 * gone counts for nothing and can be removed by anybody, because no later process can bear its name.
 * Resolves to the lock, or to who holds it.
 */
export async function acquireLock(request: LockRequest): Promise<ProjectLock | LockHolder> {
  const { dir, note, table, signal } = request;
  const self = await ownIdentity(table);
  const claim = join(dir, `${self.pid}-${self.startTime}.claim`);
  const held = `${claim}.held`;
  if (!putDown(claim, note)) return { ...self, note: readNote(claim) };
  const withdraw = () => {
    rmSync(held, { force: true });
    rmSync(claim, { force: true });
  };
  try {
    for (;;) {
      signal?.throwIfAborted();
      const rivals = (await livingClaims(dir, table)).filter(({ pid }) => pid !== self.pid);
      const stronger = rivals.find((rival) => isHeld(dir, rival) || rival.pid < self.pid);
      if (stronger !== undefined) {
        withdraw();
        return stronger;
      }
      if (rivals.length === 0) break;
      // They claim at the same moment and have yet to see that we go first.
      await sleep(RIVAL_PAUSE_MS + randomInt(RIVAL_PAUSE_MS));
    }
    writeFileSync(held, '');
    return { release: withdraw };
  } catch (error) {
    withdraw();
    throw error;
  }
}

export function isLock(outcome: ProjectLock | LockHolder): outcome is ProjectLock {
  return 'release' in outcome;
}

/** Who holds the lock now. */
export async function lockHolder(dir: string, table: ProcessTable): Promise<LockHolder | undefined> {
  return (await livingClaims(dir, table)).find((claim) => isHeld(dir, claim));
}

/** Who claims the lock, the dead among them; nothing is cleared away. */
export async function claimsIn(
  dir: string,
  table: ProcessTable,
): Promise<{ readonly pid: number; readonly isAlive: boolean }[]> {
  const claims: { pid: number; isAlive: boolean }[] = [];
  for (const file of claimFiles(dir)) {
    const { pid, startTime } = CLAIM.exec(file)?.groups ?? {};
    if (pid === undefined || startTime === undefined) continue;
    claims.push({ pid: Number(pid), isAlive: await isAlive({ pid: Number(pid), startTime }, table) });
  }
  return claims;
}

async function livingClaims(dir: string, table: ProcessTable): Promise<LockHolder[]> {
  const living: LockHolder[] = [];
  for (const file of claimFiles(dir)) {
    const { pid, startTime } = CLAIM.exec(file)?.groups ?? {};
    if (pid === undefined || startTime === undefined) continue;
    const identity = { pid: Number(pid), startTime };
    const path = join(dir, file);
    if (await isAlive(identity, table)) living.push({ ...identity, note: readNote(path) });
    else clearAway(path);
  }
  return living;
}

/** A claim of the dead counts for nothing, so that where it may not be removed it can as well stay. */
function clearAway(claim: string): void {
  try {
    rmSync(`${claim}.held`, { force: true });
    rmSync(claim, { force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].some((code) => isErrno(error, code))) throw error;
  }
}

function claimFiles(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw unusable(dirname(dir), error);
  }
}

const isHeld = (dir: string, { pid, startTime }: ProcessIdentity) =>
  claimFiles(dir).includes(`${pid}-${startTime}.claim.held`);

/** False when this very process has put it down already. */
function putDown(claim: string, note: LockNote): boolean {
  try {
    writeFileSync(claim, JSON.stringify(note), { flag: 'wx' });
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw unusable(dirname(dirname(claim)), error);
  }
}

function readNote(claim: string): LockNote | undefined {
  try {
    const data: unknown = JSON.parse(readFileSync(claim, 'utf8'));
    return isNote(data) ? data : undefined;
  } catch {
    // Withdrawn, or being written at this moment: who it is stands in its name anyway.
    return undefined;
  }
}

function isNote(data: unknown): data is LockNote {
  return typeof data === 'object' && data !== null && 'topology' in data && 'since' in data;
}

export async function ownIdentity(table: ProcessTable): Promise<ProcessIdentity> {
  const self = await table.find(process.pid);
  if (self === undefined) throw new Error('this process is missing from the process table');
  return { pid: self.pid, startTime: self.startTime };
}
