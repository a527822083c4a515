import { accessSync, constants, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, ShopctlError } from '../errors/index.ts';
import type { ServiceExit, StopOutcome } from '../model/index.ts';
import { isErrno } from './process-group.ts';
import type { ProcessIdentity } from './process-table.ts';

/** `unhealthy`: was ready, and does not answer any more. `restarting`: ended by itself, and waits to be started again. `completed`: a job that has done its work. `orphaned`: still runs although nobody watches it, because its supervisor died. */
export type ServiceState =
  | 'waiting'
  | 'starting'
  | 'ready'
  | 'unhealthy'
  | 'restarting'
  | 'completed'
  | 'failed'
  | 'exited'
  | 'stopping'
  | 'stopped'
  | 'orphaned';

/** A service as the state file and `status` know it. */
export interface ServiceStatus {
  readonly name: string;
  readonly kind: 'own' | 'foreign';
  readonly state: ServiceState;
  readonly required: boolean;
  readonly needs: readonly string[];
  /** When it entered this state, ISO 8601; absent when that was never recorded. */
  readonly since?: string;
  readonly stopGraceMs?: number;
  readonly port?: number;
  /** Any that was free: the next run takes it again, if it still is. */
  readonly freePort?: true;
  readonly replicaOf?: string;
  readonly url?: string;
  readonly logFile?: string;
  /** The main process and its group (the same number), while it or its group lives. */
  readonly pid?: number;
  readonly startTime?: string;
  /** Somebody else's process that is this service: watched and never stopped, so that it must not stand as `pid`. */
  readonly adopted?: ProcessIdentity;
  /** From start to ready. */
  readonly readyAfterMs?: number;
  readonly exit?: ServiceExit;
  readonly how?: StopOutcome;
  /** How often it has been started again after it had ended by itself. */
  readonly restarts?: number;
  /** What it needs, directly or not, and what is not up at the moment: it runs, but may not be able to do its work. */
  readonly waitsFor?: readonly string[];
  /** Why it failed. */
  readonly reason?: string;
}

export interface TopologyState {
  readonly schema: 'shopctl/state/1';
  readonly project: string;
  readonly topology: string;
  readonly supervisor: ProcessIdentity & { readonly since: string; readonly detached: boolean };
  /** The mark of its processes (`run-mark.ts`). */
  readonly run: string;
  /** The socket on which its supervisor takes requests. */
  readonly control?: string;
  readonly phase: 'starting' | 'up' | 'stopping' | 'stopped';
  readonly services: readonly ServiceStatus[];
}

const stateFile = (stateDir: string) => join(stateDir, 'state.json');

/** The last state written; undefined when there is none, or one that no version of ours wrote. */
export function readState(stateDir: string): TopologyState | undefined {
  try {
    const data: unknown = JSON.parse(readFileSync(stateFile(stateDir), 'utf8'));
    return isState(data) ? data : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw unusable(stateDir, error);
  }
}

/** Replaces the state in one step: a reader sees the old one or the new one. @throws ShopctlError `state-unusable` */
export function writeState(stateDir: string, state: TopologyState): void {
  const file = stateFile(stateDir);
  const temporary = `${file}.${process.pid}`;
  try {
    writeFileSync(temporary, `${JSON.stringify(state)}\n`);
    renameSync(temporary, file);
  } catch (error) {
    throw unusable(stateDir, error);
  }
}

/** Makes the folder for state and logs, which ignores itself in git. @throws ShopctlError `state-unusable` */
export function prepareStateDir(stateDir: string): void {
  try {
    mkdirSync(join(stateDir, 'logs'), { recursive: true });
    mkdirSync(join(stateDir, 'lock'), { recursive: true });
    writeFileSync(join(stateDir, '.gitignore'), '*\n');
    for (const folder of ['logs', 'lock']) accessSync(join(stateDir, folder), constants.W_OK);
  } catch (error) {
    throw unusable(stateDir, error);
  }
}

/** What any failure in our own folder comes down to for a user. */
export function unusable(stateDir: string, error: unknown): ShopctlError {
  return new ShopctlError('state-unusable', {
    message: `the folder ${stateDir} cannot be used: ${messageOf(error)}`,
    hint: 'shopctl keeps its state and logs there: make it readable and writable for you',
    cause: error,
  });
}

/** Enough to trust a file that only we write, and to refuse one of another version. */
function isState(data: unknown): data is TopologyState {
  return (
    typeof data === 'object' &&
    data !== null &&
    'schema' in data &&
    data.schema === 'shopctl/state/1' &&
    'services' in data &&
    Array.isArray(data.services) &&
    data.services.every((service) => typeof service === 'object' && service !== null) &&
    'supervisor' in data &&
    typeof data.supervisor === 'object' &&
    data.supervisor !== null
  );
}
