import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { OwnService } from '../../config/project.ts';
import { messageOf } from '../../errors/index.ts';
import { describeExit } from '../describe-exit.ts';
import { logPath } from '../log-format.ts';
import { stopGroup } from '../process-group.ts';
import { markedEnvironment } from '../run-mark.ts';
import type { RunSurroundings } from '../run-surroundings.ts';
import { ServiceLog } from '../service-log.ts';

export type BuildOutcome =
  | { readonly ok: true; readonly tookMs: number }
  | {
      readonly ok: false;
      /** The end of a sentence that begins with `the build`. */
      readonly reason: string;
      readonly lastLines: readonly string[];
    };

interface Build {
  readonly spec: OwnService;
  readonly command: readonly [string, ...string[]];
  readonly around: RunSurroundings;
  /** Aborted: the build is ended. */
  readonly signal: AbortSignal;
}

/** Between SIGTERM and SIGKILL for a build that is not wanted any more, and for what a build has left running. */
const GRACE_MS = 1_000;

/** Runs the build command of a service where the service runs; what it writes goes into the service's log. */
export async function runBuild({ spec, command, around, signal }: Build): Promise<BuildOutcome> {
  const { stateDir, clock, run, onEvent, table } = around;
  const startedAtMs = clock.monotonicMs();
  const [program, ...args] = command;
  const log = new ServiceLog({
    path: logPath(stateDir, spec.name),
    epochMs: clock.epochMs,
    ...(spec.logs === undefined ? {} : { limits: spec.logs }),
    prefix: 'build: ',
    onLines: (lines) => onEvent({ type: 'log-lines', service: spec.name, lines }),
  });
  try {
    const child = spawn(program, args, {
      cwd: spec.cwd,
      env: { ...process.env, ...spec.env, ...markedEnvironment(run, process.env) },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid === undefined) {
      const [error]: unknown[] = await once(child, 'error');
      return { ok: false, reason: `could not be started: ${messageOf(error)}`, lastLines: [] };
    }
    log.attach(child.stdout, 'stdout');
    log.attach(child.stderr, 'stderr');
    const { pid: pgid } = child;
    const ended = once(child, 'exit');
    const stop = () => void stopGroup({ pgid, graceMs: GRACE_MS, table });
    signal.addEventListener('abort', stop);
    const [code, name]: unknown[] = await ended;
    signal.removeEventListener('abort', stop);
    await stopGroup({ pgid, graceMs: GRACE_MS, table });
    await log.drained();
    if (code === 0) return { ok: true, tookMs: clock.monotonicMs() - startedAtMs };
    const exit = typeof name === 'string' ? { signal: name } : { code: Number(code) };
    return { ok: false, reason: `failed with ${describeExit(exit)}`, lastLines: log.lastLines() };
  } catch (error) {
    return { ok: false, reason: `could not be started: ${messageOf(error)}`, lastLines: [] };
  } finally {
    await log.close();
  }
}
