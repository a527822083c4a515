import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OwnService } from '../config/project.ts';
import { ShopctlError } from '../errors/index.ts';
import { formatDuration } from '../lib/duration.ts';
import type { Clock } from './clock.ts';

/** The variable in which a service finds the number of the file descriptor on which it says that it is ready. */
export const READY_VARIABLE = 'READY_FD';
/** Nobody needs more to say it. */
const MAX_LINE = 4_096;

/** What a process says of itself on a pipe made for that. */
export interface ReadySignal {
  /** Settles when it has said that it is ready; never, when it does not. */
  readonly given: Promise<void>;
  /** It has closed the pipe, and so will say nothing more. */
  readonly isClosed: () => boolean;
}

/** Listens for a line `READY=1`, as services of systemd write it, or any line without `=`, as those of s6 do. */
export function readySignal(pipe: Readable): ReadySignal {
  let isClosed = false;
  let unfinished = '';
  const given = new Promise<void>((resolve) => {
    pipe.on('data', (piece: Buffer) => {
      const lines = `${unfinished}${piece.toString('latin1')}`.split('\n');
      unfinished = (lines.pop() ?? '').slice(0, MAX_LINE);
      // `STATUS=...` and the like are other news.
      if (!lines.some((line) => line.trim() === 'READY=1' || !line.includes('='))) return;
      resolve();
      pipe.destroy();
    });
  });
  const close = () => {
    isClosed = true;
  };
  // A process that ends may cut its end off as well as close it.
  pipe.on('end', close).on('error', close);
  return { given, isClosed: () => isClosed };
}

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
  const isOver = new AbortController();
  const leftMs = Math.max(0, deadlineMs - clock.monotonicMs());
  const late = sleep(leftMs, 'late', { signal: AbortSignal.any([signal, isOver.signal]) });
  try {
    if ((await Promise.race([ready.given, late])) === 'late') throw unsaid(spec, ready);
  } finally {
    isOver.abort();
    late.catch(() => undefined);
  }
}

function unsaid({ name, ready: { timeoutMs } }: OwnService, ready: ReadySignal): ShopctlError {
  const how = ready.isClosed()
    ? 'it closed the pipe in READY_FD without a word'
    : 'it did not say so on the pipe in READY_FD';
  return new ShopctlError('service-not-ready', {
    message: `${name} was not ready within ${formatDuration(timeoutMs)}: ${how}`,
    hint: `with \`ready: { notify: true }\` it has to write the line READY=1 to the file descriptor that READY_FD names; what cannot do that is asked: \`ready: { http: /path }\``,
  });
}
