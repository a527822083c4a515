import type { Entry, Message } from '../core/message.ts';
import type { Table } from '../wire/methods.ts';

export interface ExchangeDefinition {
  readonly name: string;
  readonly type: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly internal: boolean;
  readonly arguments: Table;
}

export interface QueueDefinition {
  readonly name: string;
  readonly durable: boolean;
  readonly exclusive: boolean;
  readonly autoDelete: boolean;
  readonly arguments: Table;
}

export interface BindingDefinition {
  readonly source: string;
  readonly destination: { readonly kind: 'queue' | 'exchange'; readonly name: string };
  readonly routingKey: string;
  readonly arguments: Table;
}

export type Definition =
  | { readonly kind: 'exchange'; readonly exchange: ExchangeDefinition }
  | { readonly kind: 'queue'; readonly queue: QueueDefinition }
  | { readonly kind: 'binding'; readonly binding: BindingDefinition };

/** What an earlier run left. */
export interface Recovered {
  readonly definitions: readonly Definition[];
  /** In the order of their positions. */
  readonly entries: readonly { readonly queue: string; readonly entry: Entry }[];
}

/**
 * What has to outlive the process, in the order in which it happened. Everything recorded up to a moment reaches the
 * disk together or not at all, so a dead letter's copy and the removal of its original can never be torn apart.
 */
export interface Journal {
  define(definition: Definition): void;
  forget(definition: Definition): void;
  insert(entry: Entry, queue: string): void;
  remove(entry: Entry): void;
  /** Fetches bodies by the ids of their messages. What is not there any more is left out. */
  readBodies(messages: readonly Message[], done: (bodies: ReadonlyMap<number, Buffer>) => void): void;
  /**
   * Runs `done` once everything recorded so far is on disk; at once when it already is. With `onFull`, that is run
   * instead when the disk is full; without it `done` waits until there is room again.
   */
  whenFlushed(done: () => void, onFull?: () => void): void;
  /** The disk had no room at the last attempt to write. What is recorded waits, and is written once there is. */
  readonly isFull: boolean;
  /** Bytes recorded and not yet on disk. */
  readonly waitingBytes: number;
  /** Writes what is left and lets go of the file. */
  close(): Promise<void>;
}

/** Nothing outlives the process. */
export const noJournal: Journal = {
  define: () => undefined,
  forget: () => undefined,
  insert: () => undefined,
  remove: () => undefined,
  readBodies: (_, done) => done(new Map()),
  whenFlushed: (done) => done(),
  isFull: false,
  waitingBytes: 0,
  close: () => Promise.resolve(),
};
