import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { OwnService } from '../config/project.ts';
import { messageOf, ShopctlError } from '../errors/index.ts';
import type { LogLine, ServiceExit, StopOutcome } from '../model/index.ts';
import type { Clock } from './clock.ts';
import { descriptorsFor, letServeOf, readySignalOf } from './descriptors.ts';
import { logPath } from './log-format.ts';
import { isErrno, signalGroup, stopGroup } from './process-group.ts';
import type { ProcessTable } from './process-table.ts';
import type { ReadySignal } from './ready-signal.ts';
import { serviceEnvironment } from './service-environment.ts';
import { ServiceLog } from './service-log.ts';

export interface SpawnOptions {
  readonly spec: OwnService;
  readonly stateDir: string;
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly onLines: (lines: readonly LogLine[]) => void | Promise<void>;
  /** The mark of the run, by which its processes are known wherever they go. */
  readonly run: string;
}

export interface ProcessEnd {
  readonly exit: ServiceExit;
  readonly livedMs: number;
}

/** A running service of ours: its process group, its log, its end. */
export class ServiceProcess {
  readonly pid: number;
  /** Settles when the main process ends, even while a descendant still holds its output open. */
  readonly ended: Promise<ProcessEnd>;
  readonly log: ServiceLog;
  /** Present where the service is to say by itself that it is ready. */
  readonly ready: ReadySignal | undefined;
  /** Present where the service loads early and then waits to be told that it may serve. */
  readonly letServe: (() => void) | undefined;
  readonly #options: SpawnOptions;
  #end: ProcessEnd | undefined;
  /** The group is empty: from now on its number may be given to somebody else, and must not be signalled any more. */
  #isGone = false;

  private constructor(child: SpawnedChild, log: ServiceLog, options: SpawnOptions) {
    this.pid = child.pid;
    this.log = log;
    this.ready = readySignalOf(options.spec, child);
    this.letServe = letServeOf(options.spec, child);
    this.#options = options;
    const startedAtMs = options.clock.monotonicMs();
    this.ended = new Promise((settle) => {
      child.once('exit', (code, signal) => {
        const exit = signal === null ? { code: code ?? 0 } : { signal };
        this.#end = { exit, livedMs: options.clock.monotonicMs() - startedAtMs };
        settle(this.#end);
      });
    });
  }

  /** @throws ShopctlError `program-not-started` when there is no such program or folder */
  static async start(options: SpawnOptions): Promise<ServiceProcess> {
    const { spec, stateDir, clock, onLines, run } = options;
    requireFolder(spec);
    const child = launch(spec, run);
    if (!isSpawned(child)) {
      const [error] = await once(child, 'error');
      throw notStarted(spec, error);
    }
    child.on('error', () => {
      // Only `kill` and `send` of this handle report here, and neither is used: groups are signalled by id.
    });
    const log = new ServiceLog({
      path: logPath(stateDir, spec.name),
      epochMs: clock.epochMs,
      onLines,
      ...(spec.logs === undefined ? {} : { limits: spec.logs }),
    });
    log.attach(child.stdout, 'stdout');
    log.attach(child.stderr, 'stderr');
    return new ServiceProcess(child, log, options);
  }

  /** How it ended; undefined while it runs. */
  get end(): ProcessEnd | undefined {
    return this.#end;
  }

  /** Ends the whole group, and closes the log once nobody writes to it any more. */
  async stop(hurry?: AbortSignal): Promise<StopOutcome> {
    if (this.#isGone) return 'already-gone';
    const { spec, table } = this.#options;
    const how = await stopGroup({ pgid: this.pid, graceMs: spec.stopGraceMs, table, hurry });
    // The group is empty when only its uncollected main process is left; nobody should see that one either.
    if (how !== 'survived') {
      await this.ended;
      this.#isGone = true;
    }
    await this.log.drained();
    await this.log.close();
    return how;
  }

  /** For the moment in which our own process exits: nothing can be waited for any more. */
  killNow(): void {
    if (!this.#isGone) signalGroup(this.pid, 'SIGKILL');
  }
}

type SpawnedChild = ChildProcess & {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
};

/** Its output is there whenever it is, because `launch` asks for pipes. */
function isSpawned(child: ChildProcess): child is SpawnedChild {
  return child.pid !== undefined && child.stdout !== null && child.stderr !== null;
}

/** Most failures arrive as an event, but for some (a path through a file, too many arguments) `spawn` throws. */
function launch(spec: OwnService, run: string) {
  const [program, ...args] = spec.command;
  const { stdio, env } = descriptorsFor(spec);
  try {
    return spawn(program, args, {
      cwd: spec.cwd,
      env: { ...serviceEnvironment(spec, run), ...env },
      // A session and group of its own: a signal reaches all of it, and a Ctrl-C of the terminal none of it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...stdio],
    });
  } catch (error) {
    throw notStarted(spec, error);
  }
}

function requireFolder({ name, cwd }: OwnService): void {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new ShopctlError('program-not-started', {
    message: `${name} cannot start: its folder ${cwd} does not exist`,
    hint: `correct the folder of services.${name}`,
  });
}

function notStarted({ name, command, cwd }: OwnService, error: unknown): ShopctlError {
  const [program] = command;
  if (isErrno(error, 'ENOENT') && program.includes('/') && existsSync(resolve(cwd, program))) {
    return new ShopctlError('program-not-started', {
      message: `${name} cannot start: the interpreter that the first line of ${program} names is not there`,
      hint: `install it, or correct the first line of ${program}`,
      cause: error,
    });
  }
  if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) {
    return new ShopctlError('program-not-started', {
      message: `${name} cannot start: there is no program ${program}`,
      hint: program.includes('/')
        ? `look for it from ${cwd}, and correct services.${name}.command`
        : `install ${program} or put it on the PATH, or correct services.${name}.command`,
      cause: error,
    });
  }
  if (isErrno(error, 'EACCES')) {
    return new ShopctlError('program-not-started', {
      message: `${name} cannot start: ${program} may not be executed`,
      hint: `chmod +x ${program}, or name its interpreter in services.${name}.command`,
      cause: error,
    });
  }
  return new ShopctlError('program-not-started', {
    message: `${name} cannot start: ${program}: ${messageOf(error)}`,
    hint: isErrno(error, 'E2BIG')
      ? 'its arguments and environment are longer than the system takes: put them into a file'
      : `correct services.${name}`,
    cause: error,
  });
}
