import type { KeyedLock } from '../../kit/index.ts';
import type { Saga, SagaParts } from './saga.ts';

/** Checkouts that go on although nobody waits for them. Owns them until `stop`. */
export interface Runs {
  /** Takes the order as far as it goes; what fails, or is too much at a time, is left to the background. */
  goOn(orderId: string): void;
  /** Ends them at their next step, and resolves when none runs any more. */
  stop(): Promise<void>;
}

interface RunsParts extends Pick<SagaParts, 'log'> {
  saga: Saga;
  lock: KeyedLock;
  leftUnfinished: () => void;
}

const maxAtOnce = 16;

export function createRuns({ saga, lock, log, leftUnfinished }: RunsParts): Runs {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    goOn: (orderId) => {
      if (running.size >= maxAtOnce || stopping.signal.aborted) return leftUnfinished();
      const run: Promise<void> = lock
        .run(`order ${orderId}`, () => saga.run(orderId, stopping.signal))
        .catch((error: unknown) => {
          if (!stopping.signal.aborted)
            log.warn({ order_id: orderId, reason: String(error) }, 'the checkout goes on later');
          leftUnfinished();
        })
        .finally(() => running.delete(run));
      running.add(run);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
