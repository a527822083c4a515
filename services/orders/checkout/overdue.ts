import { type Background, startBackground, timestamp } from '../../kit/index.ts';
import { aboutOrder } from './answers.ts';
import type { SagaParts } from './saga.ts';

interface OverdueParts extends SagaParts, Pick<Parameters<typeof startBackground>[0], 'random'> {
  /** Takes the next step of an order, in the background. */
  goOn: (orderId: string) => void;
}

const maxPerPass = 50;

/** Gives orders up that nobody has paid in time. Owns its timer; `wake` it when an order begins to wait. */
export function watchOverdue(parts: OverdueParts): Background {
  return startBackground({
    ...parts,
    pass: (signal) => giveUpOverdue(parts, signal),
    backoff: { firstMs: 500, maxMs: 1_000 },
  });
}

/** Answers how many orders wait for their payment. */
async function giveUpOverdue(
  { store, checkouts, clock, log, goOn }: OverdueParts,
  signal: AbortSignal,
): Promise<number> {
  for (const { order_id } of await checkouts.listOverdue(timestamp(clock), maxPerPass)) {
    if (signal.aborted) return 0;
    const failure = JSON.stringify(aboutOrder(timedOut, order_id));
    const progress = { step: 'undo', verdict: 'failed', failure } as const;
    const isMine = await store.transaction((transaction) =>
      checkouts.progressFrom(transaction, order_id, 'await-payment', progress),
    );
    if (!isMine) continue;
    log.warn({ order_id }, 'the order was not paid in time, and is undone');
    goOn(order_id);
  }
  return await checkouts.countAwaitingPayment();
}

const timedOut = {
  status: 504,
  kind: 'payment-timeout',
  title: 'The order was not paid in time',
  detail: 'Nobody said in time whether the order was paid; it is undone.',
};
