import type { Store, Transaction } from '../store/index.ts';
import type { Envelope } from './envelope.ts';
import { Unprocessable } from './failure.ts';
import type { Inbox } from './inbox.ts';
import { reasonOf } from './link.ts';
import type { QueueName } from './topology.ts';

/** An event whose `data` is what its consumer expects. */
export type ShopEvent<Data> = Envelope<Data>;

interface ConsumerBasics<Data> {
  queue: QueueName;
  /** What the data of an event has to be; what it throws sends the event to `.dead` at once. `readEvent` makes one. */
  read: (data: unknown, type: string) => Data;
  /** How many events are handled side by side; 16 unless told otherwise. One handles them in their order. */
  prefetch?: number;
  /** Called after the commit, for what lives outside the database; not for duplicates. It must not throw. */
  committed?: (event: ShopEvent<Data>) => void;
}

/**
 * Has its effect in the transaction that remembers the event: both happen or neither. `handle` may run more than once for
 * an event (see `Store.transaction`), so it changes nothing but rows.
 */
export interface OneStepConsumer<Data> extends ConsumerBasics<Data> {
  handle: (event: ShopEvent<Data>, transaction: Transaction) => Promise<void>;
}

/**
 * First asks others, outside of any transaction (one held open across a call would stop every other writer), then has
 * its effect. `prepare` may run more than once for an event, so what it causes has to be idempotent by the event's id.
 */
export interface TwoStepConsumer<Data, Prepared> extends ConsumerBasics<Data> {
  prepare: (event: ShopEvent<Data>, signal: AbortSignal) => Promise<Prepared>;
  apply: (event: ShopEvent<Data>, transaction: Transaction, prepared: Prepared) => Promise<void>;
}

export type Consumer<Data, Prepared> = OneStepConsumer<Data> | TwoStepConsumer<Data, Prepared>;

/** A consumer as its deliveries see it. */
export interface Work {
  queue: QueueName;
  prefetch: number;
  /** Whether the event had its effect now; false: it had it before. */
  run(envelope: Envelope, signal: AbortSignal): Promise<boolean>;
}

interface WorkParts {
  store: Store;
  inbox: Inbox;
}

export function workOf<Data, Prepared>(
  consumer: Consumer<Data, Prepared>,
  { store, inbox }: WorkParts,
): Work {
  const { queue, prefetch = 16 } = consumer;
  return {
    queue,
    prefetch,
    run: async (envelope, signal) => {
      const event = { ...envelope, data: readData(consumer, envelope) };
      // Spares what a duplicate would ask of others; what decides is the row in the transaction.
      if (await inbox.has(queue, event.id)) return false;
      const effect = await effectOf(consumer, event, signal);
      const isFirst = await store.transaction(async (transaction) => {
        if (!(await inbox.take(transaction, queue, event.id))) return false;
        await effect(transaction);
        return true;
      });
      if (isFirst) consumer.committed?.(event);
      return isFirst;
    },
  };
}

async function effectOf<Data, Prepared>(
  consumer: Consumer<Data, Prepared>,
  event: ShopEvent<Data>,
  signal: AbortSignal,
): Promise<(transaction: Transaction) => Promise<void>> {
  if ('handle' in consumer) return (transaction) => consumer.handle(event, transaction);
  const prepared = await consumer.prepare(event, signal);
  return (transaction) => consumer.apply(event, transaction, prepared);
}

function readData<Data, Prepared>({ read }: Consumer<Data, Prepared>, { data, type }: Envelope): Data {
  try {
    return read(data, type);
  } catch (error) {
    throw new Unprocessable(`The data of ${type} is not what it should be: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
