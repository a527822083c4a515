import type { ForeignService, OwnService, ServiceSpec } from '../config/project.ts';
import { ShopctlError } from '../errors/index.ts';
import { formatDuration } from '../lib/duration.ts';
import type { LogLine, ServiceExit } from '../model/index.ts';
import type { Clock } from './clock.ts';
import type { ProcessTable } from './process-table.ts';
import { waitUntilReady } from './readiness.ts';
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
  readonly onLines: (service: string, lines: readonly LogLine[]) => void | Promise<void>;
}

/** Resolves when the service is ready. @throws ShopctlError saying why it will not be */
export function startService(spec: ServiceSpec, surroundings: StartSurroundings): Promise<void> {
  return spec.kind === 'own' ? startOwn(spec, surroundings) : awaitForeign(spec, surroundings);
}

function awaitForeign(spec: ForeignService, { table, clock, signal }: StartSurroundings): Promise<void> {
  return waitUntilReady({ spec, table, clock, signal });
}

async function startOwn(spec: OwnService, surroundings: StartSurroundings): Promise<void> {
  const { stateDir, table, clock, signal, run, onProcess, onLines } = surroundings;
  signal.throwIfAborted();
  const process = await ServiceProcess.start({
    spec,
    stateDir,
    table,
    clock,
    run,
    onLines: (lines) => onLines(spec.name, lines),
  });
  await onProcess(process);
  const ended = new AbortController();
  void process.ended.then(() => ended.abort());
  const eitherSignal = AbortSignal.any([signal, ended.signal]);
  try {
    await waitUntilReady({ spec, pid: process.pid, table, clock, signal: eitherSignal });
  } catch (error) {
    signal.throwIfAborted();
    if (process.end === undefined) throw error;
  }
  // Its answer may have been its last word.
  if (process.end !== undefined) throw await died(spec, process, process.end);
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

/** `exit code 1`, `signal SIGSEGV`. */
export function describeExit(exit: ServiceExit): string {
  return 'code' in exit ? `exit code ${exit.code}` : `signal ${exit.signal}`;
}
