import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';
import type { Random } from './random.ts';

/** Unfinished work that is taken up again until none is left. Owns its timer: `stop` ends it. */
export interface Background {
  /** Says that there is work; asking while a pass runs makes another one follow. */
  wake(): void;
  /** Ends waiting and running passes, and resolves when nothing runs any more. */
  stop(): Promise<void>;
}

interface BackgroundOptions {
  /** Does what it can and answers how many pieces of work are left. */
  pass: (signal: AbortSignal) => Promise<number>;
  clock: Clock;
  random: Random;
  log: Logger;
  /** Waits grow from `firstMs` to `maxMs`, doubling, with full jitter. */
  backoff?: { firstMs: number; maxMs: number };
}

/** Starts with a first pass at once (what a crash left behind), then sleeps until woken or until a back-off is over. */
export function startBackground(options: BackgroundOptions): Background {
  const stopping = new AbortController();
  const bell = createBell();
  const done = loop({ backoff: { firstMs: 200, maxMs: 10_000 }, ...options }, stopping.signal, bell);
  return {
    wake: bell.ring,
    stop: async () => {
      stopping.abort();
      bell.ring();
      await done;
    },
  };
}

async function loop(options: Required<BackgroundOptions>, signal: AbortSignal, bell: Bell): Promise<void> {
  const { clock, random, backoff } = options;
  let failuresInARow = 0;
  while (!signal.aborted) {
    const remaining = await runPass(options, signal);
    if (signal.aborted) return;
    if (remaining === 0) {
      failuresInARow = 0;
      await bell.rung();
    } else {
      const ceilingMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(failuresInARow, 20));
      failuresInARow += 1;
      // An aborted sleep is the stop that the loop condition sees.
      await clock.sleep(ceilingMs * (0.5 + random() / 2), signal).catch(() => undefined);
    }
  }
}

async function runPass({ pass, log }: BackgroundOptions, signal: AbortSignal): Promise<number> {
  try {
    return await pass(signal);
  } catch (error) {
    if (!signal.aborted) log.error({ err: error }, 'background pass failed');
    return 1;
  }
}

interface Bell {
  ring: () => void;
  rung: () => Promise<void>;
}

/** Remembers one ring until somebody waits for it, so that work announced during a pass is not missed. */
function createBell(): Bell {
  let isRung = false;
  let wakeUp: (() => void) | undefined;
  return {
    ring: () => {
      isRung = true;
      wakeUp?.();
    },
    rung: async () => {
      if (!isRung) {
        await new Promise<void>((resolve) => {
          wakeUp = resolve;
        });
      }
      wakeUp = undefined;
      isRung = false;
    },
  };
}
