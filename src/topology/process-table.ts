/** What tells one process from another that got the same pid later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** `<number>.<boot>`: equal for the same process, different for a later one with the same pid, across reboots too. */
  readonly startTime: string;
}

export interface ProcessEntry extends ProcessIdentity {
  readonly pgid: number;
  readonly parentPid: number;
  /** Ended, and its parent has not collected it. */
  readonly zombie: boolean;
}

/** A listening TCP socket. */
export interface Listener {
  /** The address it is bound to, such as `127.0.0.1`, `0.0.0.0`, `::`, `::1`. */
  readonly address: string;
  /** Who holds it open; empty when no process that was looked at does, or when they may not be looked into. */
  readonly pids: readonly number[];
  /** The user it belongs to, where the system tells. */
  readonly uid?: number;
}

/** What a process was started as. */
export interface RunningProgram {
  /** Real user id. */
  readonly uid: number;
  /** Absolute paths; undefined where we may not look. */
  readonly executable: string | undefined;
  readonly cwd: string | undefined;
  /** Program and arguments; a process may have written something else over them. */
  readonly words: readonly string[];
  /** The system tells them as one text only: words that hold blanks are in parts. */
  readonly areWordsCut: boolean;
}

/** What the operating system knows of processes and their listening ports. */
export interface ProcessTable {
  find(pid: number): Promise<ProcessEntry | undefined>;
  list(): Promise<readonly ProcessEntry[]>;
  /** False when nothing listened on a TCP port some milliseconds ago; cheap enough to be asked many times a second. */
  mayListen(port: number): Promise<boolean>;
  /** Every TCP port on which something listens; undefined where that costs more than to ask for each. */
  heard(): Promise<ReadonlySet<number> | undefined>;
  /** Listeners on a TCP port; `among` limits whose sockets are looked at. */
  listeners(port: number, among?: readonly number[]): Promise<readonly Listener[]>;
  /** Whether it is this very process that answers there; cheap, and false where that takes a look at others. */
  answersOn(pid: number, at: { readonly address: string; readonly port: number }): Promise<boolean>;
  /** TCP ports on which any of these processes listens, ascending. */
  portsOf(pids: readonly number[]): Promise<readonly number[]>;
  /** What a process was started as; undefined when there is none. */
  program(pid: number): Promise<RunningProgram | undefined>;
  /** Program and arguments of a process, where they can be read. */
  commandLine(pid: number): Promise<string | undefined>;
  /** Pids of the processes that bear the mark of a run, as far as the system lets us look into their environment. */
  bearers(run: string): Promise<readonly number[]>;
}

/** True while exactly this process runs: the same pid and the same start. */
export async function isAlive(identity: ProcessIdentity, table: ProcessTable): Promise<boolean> {
  const entry = await table.find(identity.pid);
  return entry !== undefined && !entry.zombie && entry.startTime === identity.startTime;
}

/** A process and everything that descends from it or shares its group. */
export function familyOf(
  pid: number,
  all: readonly Pick<ProcessEntry, 'pid' | 'pgid' | 'parentPid'>[],
): number[] {
  const family = new Set([pid]);
  for (const entry of all) if (entry.pgid === pid) family.add(entry.pid);
  for (let before = 0; before < family.size; ) {
    before = family.size;
    for (const entry of all) if (family.has(entry.parentPid)) family.add(entry.pid);
  }
  return [...family];
}

/** Whether a process with start `later` may stem from one with start `earlier`: same boot, and not started before it. */
export function mayStemFrom(later: string, earlier: string): boolean {
  const [laterStart, laterBoot] = later.split('.');
  const [earlierStart, earlierBoot] = earlier.split('.');
  return laterBoot === earlierBoot && Number(laterStart) >= Number(earlierStart);
}
