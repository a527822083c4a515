import type { ForeignService, OwnService, ServiceSpec } from '../config/project.ts';
import { ShopctlError } from '../errors/index.ts';
import { formatDuration } from '../lib/duration.ts';
import type { LogLine, ServiceExit } from '../model/index.ts';
import { awaitAdopted, isAdopted } from './adopt/watch-adopted.ts';
import type { Clock } from './clock.ts';
import { describeExit } from './describe-exit.ts';
import { unlessAborted } from './early-load.ts';
import { outputWatchOf } from './probes/index.ts';
import type { OutputWatch } from './probes/output-watch.ts';
import type { ProcessTable } from './process-table.ts';
import { waitUntilReady } from './readiness.ts';
import { waitForSignal } from './ready-signal.ts';
import { type ProcessEnd, ServiceProcess } from './service-process.ts';

export interface StartSurroundings {
  readonly stateDir: string;
  readonly table: ProcessTable;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The mark of the run. */
  readonly run: string;
  /** Called as soon as there is a process: from here on somebody has to stop it. */
  readonly onProcess: (process: ServiceProcess) => Promise<void>;
  /** Resolves when a service that loads early may serve; rejects when it never may. Absent: at once. */
  readonly mayServe?: (() => Promise<void>) | undefined;
  readonly onLines: (service: string, lines: readonly LogLine[]) => void | Promise<void>;
}

/** Resolves when the service is ready. @throws ShopctlError saying why it will not be */
export function startService(spec: ServiceSpec, surroundings: StartSurroundings): Promise<void> {
  return spec.kind === 'own' ? startOwn(spec, surroundings) : awaitForeign(spec, surroundings);
}

function awaitForeign(spec: ForeignService, { table, clock, signal, run }: StartSurroundings): Promise<void> {
  if (isAdopted(spec)) return awaitAdopted({ spec, table, clock, signal, run });
  return waitUntilReady({ spec, table, clock, signal, run });
}

async function startOwn(spec: OwnService, surroundings: StartSurroundings): Promise<void> {
  const { stateDir, table, clock, signal, run, onProcess, onLines, mayServe } = surroundings;
  signal.throwIfAborted();
  const output = outputWatchOf(spec.ready.probe);
  const process = await ServiceProcess.start({
    spec,
    stateDir,
    table,
    clock,
    run,
    onLines: (lines) => {
      output?.take(lines);
      return onLines(spec.name, lines);
    },
  });
  await onProcess(process);
  if (spec.ready.probe.kind === 'exit') return finish(spec, process, signal);
  const ended = new AbortController();
  void process.ended.then(() => ended.abort());
  const eitherSignal = AbortSignal.any([signal, ended.signal]);
  try {
    if (mayServe !== undefined) await unlessAborted(mayServe(), eitherSignal);
    process.letServe?.();
    await becomeReady(spec, process, { ...surroundings, signal: eitherSignal, output });
  } catch (error) {
    signal.throwIfAborted();
    if (process.end === undefined) throw error;
  }
  // Its answer may have been its last word.
  if (process.end !== undefined) throw await died(spec, process, process.end);
}

/** A service that says by itself when it is ready is asked only then, and normally once. */
async function becomeReady(
  spec: OwnService,
  process: ServiceProcess,
  { table, clock, signal, run, output }: StartSurroundings & { readonly output: OutputWatch | undefined },
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + spec.ready.timeoutMs;
  const { pid, ready } = process;
  if (ready !== undefined) await waitForSignal({ spec, ready, clock, deadlineMs, signal });
  if (ready !== undefined && spec.ready.probe.kind === 'running') return;
  const hasSaidSo = ready !== undefined;
  await waitUntilReady({ spec, pid, table, clock, deadlineMs, signal, run, output, hasSaidSo });
}

/** A job is done when it has ended well. */
async function finish(spec: OwnService, process: ServiceProcess, signal: AbortSignal): Promise<void> {
  const { timeoutMs } = spec.ready;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  try {
    const either = AbortSignal.any([signal, limit.signal]);
    await Promise.race([process.ended, new Promise((resolve) => either.addEventListener('abort', resolve))]);
  } finally {
    clearTimeout(timer);
  }
  signal.throwIfAborted();
  if (process.end === undefined) {
    throw new ShopctlError('service-not-ready', {
      message: `the job ${spec.name} was not done within ${formatDuration(timeoutMs)}`,
      hint: `see \`shopctl logs ${spec.name}\`; \`ready.timeout\` is how long it may take`,
    });
  }
  if (isSuccess(process.end.exit)) return;
  await process.log.drained();
  throw new ShopctlError('service-failed', {
    message: `the job ${spec.name} failed: ${describeExit(process.end.exit)} after ${formatDuration(process.end.livedMs)}`,
    hint: `run its command by hand, or see \`shopctl logs ${spec.name}\``,
  });
}

async function died({ name }: OwnService, process: ServiceProcess, end: ProcessEnd): Promise<ShopctlError> {
  await process.log.drained();
  return new ShopctlError('service-failed', {
    message: `${name} ended while it was starting: ${describeExit(end.exit)} after ${formatDuration(end.livedMs)}`,
    hint: isSuccess(end.exit)
      ? `a service has to stay in the foreground: does ${name} put itself in the background?`
      : `run its command by hand, or see \`shopctl logs ${name}\``,
  });
}

const isSuccess = (exit: ServiceExit) => 'code' in exit && exit.code === 0;
