import { type Clock, timestamp } from '../clock.ts';
import type { Store, Transaction } from '../store/index.ts';

/** The SQL of events that had their effect, so that none has it twice. */
export interface Inbox {
  has(consumer: string, eventId: string): Promise<boolean>;
  /** Whether this transaction is the first one to take the event. */
  take(transaction: Transaction, consumer: string, eventId: string): Promise<boolean>;
  /** Forgets what is older than any broker would still deliver. */
  sweep(): Promise<void>;
}

/** Longer than the whole ladder of retries and an outage of some days. */
const keptMs = 14 * 24 * 60 * 60 * 1_000;

export function createInbox(store: Store, clock: Clock): Inbox {
  return {
    has: async (consumer, eventId) =>
      (await store.read('inbox').where({ consumer, event_id: eventId }).first()) !== undefined,
    take: async (transaction, consumer, eventId) => {
      const row = { consumer, event_id: eventId, received_at: timestamp(clock) };
      const inserted = await transaction('inbox').insert(row).onConflict().ignore().returning('event_id');
      return inserted.length === 1;
    },
    sweep: async () => {
      const before = new Date(clock.now() - keptMs).toISOString();
      await store.read('inbox').where('received_at', '<', before).delete();
    },
  };
}
