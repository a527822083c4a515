import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that outlives this one by a moment, to end what this one has left. */
export interface Watchdog {
  readonly pid: number | undefined;
  /** Sends it away: everything has been stopped in good order. Resolves when it is gone. */
  dismiss(): Promise<void>;
}

interface WatchdogOptions {
  /** Where the state of the run is. */
  readonly stateDir: string;
  /** The mark of the run. */
  readonly run: string;
  /** The built program; given where this code does not run from its build. */
  readonly program?: URL | undefined;
}

/** One that dies at once again and again will not get better. */
const MAX_STARTS = 5;

/** It has nothing to do any more, and need not be asked twice. */
const LEAVING_LIMIT_MS = 2_000;

const DISMISSAL = 'dismissed';

/**
 * A shell waits, in 2 MB where Node takes 40, for the end of its input: the word that it is not needed any more, or
 * none, and then it becomes the program in "$0" and "$@". What ends a session or a group must not end it.
 */
const WAIT = `trap '' TERM INT HUP; read -r last; [ "$last" = ${DISMISSAL} ] || exec "$0" "$@"`;

/**
 * Has a process hold the other end of a pipe that the system closes when this process is gone, however it went
 * (`kill -9`, out of memory, a closed terminal). Then it ends the services that this run's state names, and whatever
 * else bears the run's mark. A watchdog that is killed itself is replaced.
 */
export function startWatchdog({ stateDir, run, program }: WatchdogOptions): Watchdog {
  const entry = fileURLToPath(program ?? new URL('./watchdog-main.js', import.meta.url));
  const args = [entry, stateDir, run];
  let isDismissed = false;
  let starts = 0;
  let child: ChildProcess | undefined;
  const start = () => {
    starts += 1;
    child = spawn('/bin/sh', ['-c', WAIT, process.execPath, ...args], {
      cwd: '/',
      // A session of its own: neither Ctrl-C nor a closed terminal reaches it.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin?.on('error', () => undefined);
    child.on('error', () => undefined);
    child.once('exit', () => {
      if (!isDismissed && starts < MAX_STARTS) start();
    });
    // Neither holds this process up: it ends when its work is done.
    child.unref();
    if (child.stdin !== null && 'unref' in child.stdin && typeof child.stdin.unref === 'function') {
      child.stdin.unref();
    }
  };
  start();
  return {
    get pid() {
      return child?.pid;
    },
    dismiss: async () => {
      isDismissed = true;
      if (child !== undefined) await sendAway(child);
    },
  };
}

async function sendAway(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end(DISMISSAL);
  const impatience = setTimeout(() => child.kill('SIGKILL'), LEAVING_LIMIT_MS);
  await ended;
  clearTimeout(impatience);
}
