import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnService } from '../config/project.ts';
import { ShopctlError } from '../errors/index.ts';
import { formatDuration } from '../lib/duration.ts';
import type { Clock } from './clock.ts';
import { unlessAborted } from './early-load.ts';

/** The variable in which a service finds the number of the file descriptor on which it says that it is ready. */
export const READY_VARIABLE = 'READY_FD';
/** Nobody needs more to say it. */
const MAX_LINE = 4_096;

/** What a process says of itself on a pipe made for that. */
export interface ReadySignal {
  /** Settles when it has said that it is ready, or has closed the pipe and so never will. */
  readonly outcome: Promise<'ready' | 'closed'>;
}

/** Listens for a line `READY=1`, as services of systemd write it, or any line without `=`, as those of s6 do. */
export function readySignal(pipe: Readable): ReadySignal {
  let unfinished = '';
  const outcome = new Promise<'ready' | 'closed'>((resolve) => {
    pipe.on('data', (piece: Buffer) => {
      const lines = `${unfinished}${piece.toString('latin1')}`.split('\n');
      unfinished = (lines.pop() ?? '').slice(0, MAX_LINE);
      // `STATUS=...` and the like are other news.
      if (!lines.some((line) => line.trim() === 'READY=1' || !line.includes('='))) return;
      resolve('ready');
      pipe.destroy();
    });
    // A process that ends may cut its end off as well as close it.
    pipe.on('end', () => resolve('closed')).on('error', () => resolve('closed'));
  });
  return { outcome };
}

/** A process that ends closes its pipe a moment before it is known to have ended, and that is what to tell then. */
const ENDING_MS = 1_000;

interface SignalWait {
  readonly spec: OwnService;
  readonly ready: ReadySignal;
  readonly clock: Clock;
  /** On the clock's monotonic scale. */
  readonly deadlineMs: number;
  /** Aborted by the caller, and when the process ends. */
  readonly signal: AbortSignal;
}

/** Resolves when the service has said that it is ready. @throws ShopctlError `service-not-ready` after the deadline */
export async function waitForSignal({ spec, ready, clock, deadlineMs, signal }: SignalWait): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), Math.max(0, deadlineMs - clock.monotonicMs()));
  });
  try {
    const outcome = await unlessAborted(Promise.race([ready.outcome, late]), signal);
    if (outcome === 'ready') return;
    if (outcome === 'closed') await sleep(ENDING_MS, undefined, { signal });
    throw unsaid(spec, outcome);
  } finally {
    clearTimeout(timer);
  }
}

function unsaid({ name, ready: { timeoutMs } }: OwnService, outcome: 'closed' | 'late'): ShopctlError {
  const message =
    outcome === 'closed'
      ? `${name} cannot say any more that it is ready: it closed the pipe in READY_FD without a word`
      : `${name} was not ready within ${formatDuration(timeoutMs)}: it did not say so on the pipe in READY_FD`;
  return new ShopctlError('service-not-ready', {
    message,
    hint: `with \`notify: true\` it has to write the line READY=1 to the file descriptor that READY_FD names; what cannot do that is asked: \`ready: { http: /path }\``,
  });
}
