import { type KeyedLock, Problem } from '../../kit/index.ts';
import type { Saga, SagaParts } from './saga.ts';

interface UnfinishedParts extends SagaParts {
  saga: Saga;
  lock: KeyedLock;
}

const maxPerPass = 50;

/** One pass over the checkouts that a crash or an outage left half-way. Answers how many are still not finished. */
export async function takeUpUnfinished(parts: UnfinishedParts, signal: AbortSignal): Promise<number> {
  const { checkouts, saga, lock, log } = parts;
  for (const { order_id } of await checkouts.listUnfinished(maxPerPass)) {
    if (signal.aborted) break;
    await lock
      .run(`order ${order_id}`, () => saga.run(order_id, signal))
      .catch(async (error: unknown) => {
        if (signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        log.warn({ order_id, kind: error.facts.kind }, `unfinished checkout: ${error.message}`);
        await checkouts.countAttempt(order_id);
      });
  }
  return signal.aborted ? 0 : await checkouts.countUnfinished();
}
