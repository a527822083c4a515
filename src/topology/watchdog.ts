import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../errors/index.ts';
import { describeExit } from './describe-exit.ts';

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
  /** The built program, in one file; given where this code does not run from its build. */
  readonly program?: URL | undefined;
  /** Told once, a sentence, when there is no watchdog and will be none. */
  readonly onTrouble?: ((sentence: string) => void) | undefined;
}

/** One that dies at once again and again will not get better. */
const MAX_STARTS = 5;

/** It has nothing to do any more, and need not be asked twice. */
const LEAVING_LIMIT_MS = 2_000;

const DISMISSAL = 'dismissed';

/**
 * A shell waits, in 2 MB where Node takes 40, for the end of its input: the word that it is not needed any more, or
 * none, and then it becomes Node ("$0") with the program that it has held open, so that it does its work even where the
 * file has been replaced or taken away since. What ends a session or a group must not end it.
 */
const WAIT = `trap '' TERM INT HUP; read -r last; [ "$last" = ${DISMISSAL} ] || exec "$0" - "$@" <&3`;

/**
 * Has a process hold the other end of a pipe that the system closes when this process is gone, however it went
 * (`kill -9`, out of memory, a closed terminal). Then it ends the services that this run's state names, and whatever
 * else bears the run's mark. A watchdog that is killed itself is replaced.
 */
export function startWatchdog({
  stateDir,
  run,
  program,
  onTrouble = () => undefined,
}: WatchdogOptions): Watchdog {
  const file = fileURLToPath(program ?? new URL('../../cli/code/watchdog-main.cjs', import.meta.url));
  let isDismissed = false;
  let starts = 0;
  let child: ChildProcess | undefined;
  const start = () => {
    starts += 1;
    try {
      child = launch(file, [stateDir, run]);
    } catch (error) {
      onTrouble(withoutWatchdog(messageOf(error)));
      return;
    }
    child.stdin?.on('error', () => undefined);
    // It has no process, and so will have no end.
    child.once('error', (error) => onTrouble(withoutWatchdog(error.message)));
    child.once('exit', (code, signal) => {
      if (isDismissed) return;
      if (starts < MAX_STARTS) return start();
      const how = describeExit(signal === null ? { code: code ?? 0 } : { signal });
      onTrouble(withoutWatchdog(`it has ended ${MAX_STARTS} times, the last time with ${how}`));
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

function launch(file: string, args: readonly string[]): ChildProcess {
  const program = openSync(file, 'r');
  try {
    // The name of the file only tells those who list processes what this one is.
    return spawn('/bin/sh', ['-c', WAIT, process.execPath, file, ...args], {
      cwd: '/',
      // A session of its own: neither Ctrl-C nor a closed terminal reaches it.
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore', program],
    });
  } finally {
    closeSync(program);
  }
}

const withoutWatchdog = (cause: string) =>
  `there is no watchdog: ${cause}; if shopctl is killed, its services will survive it until the next \`shopctl up\` or \`shopctl down\``;

async function sendAway(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end(DISMISSAL);
  const impatience = setTimeout(() => child.kill('SIGKILL'), LEAVING_LIMIT_MS);
  await ended;
  clearTimeout(impatience);
}
