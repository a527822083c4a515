import type { ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import type { OwnService } from '../config/project.ts';
import { READY_VARIABLE, type ReadySignal, readySignal } from './ready-signal.ts';

/** The pipes that a service has besides its output, and the variables that name them. */
export interface Descriptors {
  readonly stdio: readonly 'pipe'[];
  /** A variable that is not meant for this service is taken away: its number would stand for something else there. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const FIRST = 3;

export function descriptorsFor({ ready }: OwnService): Descriptors {
  return ready.notify === true
    ? { stdio: ['pipe'], env: { [READY_VARIABLE]: String(FIRST) } }
    : { stdio: [], env: { [READY_VARIABLE]: undefined } };
}

/** Absent for a service that does not say when it is ready. */
export function readySignalOf({ ready }: OwnService, child: ChildProcess): ReadySignal | undefined {
  const pipe = child.stdio[FIRST];
  return ready.notify === true && pipe instanceof Readable ? readySignal(pipe) : undefined;
}
