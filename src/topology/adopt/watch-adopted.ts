import type { AdoptedProcess, ForeignService } from '../../config/project.ts';
import { ShopctlError } from '../../errors/index.ts';
import { pause } from '../pause.ts';
import { isAlive, type ProcessTable } from '../process-table.ts';
import { type ReadinessWait, waitUntilReady } from '../readiness.ts';

/** Nobody tells us of the end of what is not our child. */
const POLL_MS = 250;

/** Resolves to true once the process has ended, to false when the signal is aborted before. */
export async function untilEnded(
  adopted: AdoptedProcess,
  table: ProcessTable,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    if (!(await isAlive(adopted, table))) return !signal.aborted;
    await pause(POLL_MS, signal);
  }
  return false;
}

type AdoptedService = ForeignService & { readonly adopted: AdoptedProcess };

export const isAdopted = (spec: ForeignService): spec is AdoptedService => spec.adopted !== undefined;

/**
 * Resolves when a service that somebody else runs is ready.
 * @throws ShopctlError `service-not-ready`, and `service-failed` when it ends meanwhile
 */
export async function awaitAdopted(
  wait: Omit<ReadinessWait, 'spec'> & { readonly spec: AdoptedService },
): Promise<void> {
  const { spec, table, signal } = wait;
  const { name, adopted } = spec;
  const ended = new AbortController();
  const isOver = new AbortController();
  const watch = untilEnded(adopted, table, AbortSignal.any([signal, isOver.signal])).then((hasEnded) => {
    if (hasEnded) ended.abort();
  });
  try {
    await waitUntilReady({ ...wait, signal: AbortSignal.any([signal, ended.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    if (ended.signal.aborted) {
      throw new ShopctlError('service-failed', {
        message: `${name}, which was adopted (pid ${adopted.pid}), ended before it was ready`,
        hint: `run \`shopctl up\` again: it then starts ${name} itself`,
      });
    }
    if (!(error instanceof ShopctlError)) throw error;
    throw new ShopctlError(error.code, {
      message: `${error.message} (it was adopted: pid ${adopted.pid})`,
      hint: `stop it with \`kill ${adopted.pid}\` and run \`shopctl up\` again: it then starts ${name} itself`,
      cause: error,
    });
  } finally {
    isOver.abort();
    await watch;
  }
}
