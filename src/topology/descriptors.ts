import type { ChildProcess } from 'node:child_process';
import { Duplex, Readable } from 'node:stream';
import type { OwnService } from '../config/project.ts';
import { letServeOver, START_VARIABLE } from './early-load.ts';
import { READY_VARIABLE, type ReadySignal, readySignal } from './ready-signal.ts';

/** The pipes that a service has besides its output, and the variables that name them. */
export interface Descriptors {
  readonly stdio: readonly 'pipe'[];
  /** A variable that is not meant for this service is taken away: its number would stand for something else there. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

type Asked = Pick<OwnService, 'ready' | 'eager'>;

const FIRST = 3;

export function descriptorsFor(spec: Asked): Descriptors {
  const variables = variablesOf(spec);
  const numbers = variables.map((name, index) => [name, String(FIRST + index)]);
  return {
    stdio: variables.map(() => 'pipe' as const),
    env: { [READY_VARIABLE]: undefined, [START_VARIABLE]: undefined, ...Object.fromEntries(numbers) },
  };
}

/** Absent for a service that does not say when it is ready. */
export function readySignalOf(spec: Asked, child: ChildProcess): ReadySignal | undefined {
  const pipe = pipeOf(spec, child, READY_VARIABLE);
  return pipe instanceof Readable ? readySignal(pipe) : undefined;
}

/** Tells a service that it may serve; absent for one that is started only then. */
export function letServeOf(spec: Asked, child: ChildProcess): (() => void) | undefined {
  const pipe = pipeOf(spec, child, START_VARIABLE);
  return pipe instanceof Duplex ? letServeOver(pipe) : undefined;
}

/** In the order of their numbers. */
function variablesOf({ ready, eager }: Asked): string[] {
  return [...(ready.notify === true ? [READY_VARIABLE] : []), ...(eager === true ? [START_VARIABLE] : [])];
}

function pipeOf(spec: Asked, child: ChildProcess, variable: string) {
  const index = variablesOf(spec).indexOf(variable);
  return index < 0 ? undefined : child.stdio[FIRST + index];
}
