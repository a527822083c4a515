import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Random } from '../random.ts';
import type { Hold } from '../simulation/index.ts';
import type { Store, Transaction } from '../store/index.ts';
import type { Tracer } from '../tracing/index.ts';
import { type Consumer, type Work, workOf } from './consumer.ts';
import { createInbox } from './inbox.ts';
import type { BusMeter } from './meter.ts';
import { createOutbox, type NewEvent } from './outbox.ts';
import { type Running, run } from './run.ts';
import type { BusSettings } from './settings.ts';
import { createTopology, typesOf } from './topology.ts';

/** A service's side of the events. Owns its connection to the broker from `start` to `close`. */
export interface Bus {
  /**
   * Tells the others what has happened: the event is written in the transaction that makes it true, and published when
   * that is committed. Without a broker nothing is kept. Throws a 503 problem (`outbox-full`) when too many wait.
   */
  publishLater(transaction: Transaction, event: NewEvent): Promise<void>;
  /** Consumes a queue, once the service runs. One consumer for each queue. */
  consume<Data, Prepared = never>(consumer: Consumer<Data, Prepared>): void;
  /** For `createApp`; a service does not call what follows. */
  readonly life: BusLife;
}

/** How `createApp` runs a bus. */
export interface BusLife {
  /** Whether there is a broker to connect to. */
  readonly isWanted: boolean;
  /** Every type of event that is consumed, as an endpoint that can be slow or fail on purpose. */
  endpoints(): { method: 'CONSUME'; path: string }[];
  start(runtime: BusRuntime): void;
  isConnected(): boolean;
  /** Takes no more events, and resolves when those taken are done or have no more time. Can be called again. */
  stopConsuming(): Promise<void>;
  /** Publishes what it can of the outbox, and closes the connection. */
  close(): Promise<void>;
}

export interface BusRuntime {
  meter: BusMeter;
  meet: (endpoint: { method: 'CONSUME'; path: string }) => Hold;
}

interface BusOptions {
  /** The name of the service, which becomes the source of its events. */
  service: string;
  store: Store;
  /** Undefined: there is no broker. */
  bus: BusSettings | undefined;
  clock: Clock;
  random: Random;
  log: Logger;
  /** Takes note of what is told and heard. */
  tracer?: Tracer | undefined;
}

export function createBus(options: BusOptions): Bus {
  const { service, store, bus: settings, clock, tracer } = options;
  const inbox = createInbox(store, clock);
  const works: Work[] = [];
  const consume = <Data, Prepared>(consumer: Consumer<Data, Prepared>) => {
    if (works.some(({ queue }) => queue === consumer.queue))
      throw new Error(`the queue ${consumer.queue} has a consumer already`);
    works.push(workOf(consumer, { store, inbox }));
  };
  const endpoints = () =>
    [...new Set(works.flatMap(({ queue }) => typesOf(queue)))].map(
      (path) => ({ method: 'CONSUME', path }) as const,
    );
  if (settings === undefined) return { publishLater: async () => undefined, consume, life: noLife };
  const topology = createTopology(settings);
  const outbox = createOutbox({ service, store, clock, limit: settings.outboxLimit, topology, tracer });
  let running: Running | undefined;
  return {
    publishLater: async (transaction, event) => {
      await outbox.add(transaction, event);
      // What is rolled back is nobody's news.
      transaction.executionPromise.then(
        () => running?.wake(),
        () => undefined,
      );
    },
    consume,
    life: {
      isWanted: true,
      endpoints,
      start: (runtime) => {
        const meet = (type: string) => runtime.meet({ method: 'CONSUME', path: type });
        running = run({ ...options, ...runtime, tracer, meet, settings, topology, outbox, inbox, works });
      },
      isConnected: () => running?.isConnected() ?? false,
      stopConsuming: async () => await running?.stopConsuming(),
      close: async () => await running?.close(),
    },
  };
}

const noLife: BusLife = {
  isWanted: false,
  endpoints: () => [],
  start: () => undefined,
  isConnected: () => false,
  stopConsuming: async () => undefined,
  close: async () => undefined,
};
