import { randomBytes } from 'node:crypto';
import { type Clock, timestamp } from '../clock.ts';
import { propagationHeaders } from '../context.ts';
import { uuidV7 } from '../ids.ts';
import { unavailable } from '../problem.ts';
import type { Store, Transaction } from '../store/index.ts';
import { createSpan, inSpan, type Tracer } from '../tracing/index.ts';
import { type Envelope, maxEnvelopeBytes } from './envelope.ts';
import { isObject } from './shape.ts';
import { type EventType, eventTypes, type Topology } from './topology.ts';

/** What a service says has happened. */
export interface NewEvent {
  type: EventType;
  /** The id of what it happened to. */
  subject: string;
  /** JSON; what it holds is described in `contracts/asyncapi`. */
  data: object;
}

/** An event that waits to be published. */
export interface WaitingEvent {
  seq: number;
  id: string;
  type: EventType;
  body: string;
  headers: Readonly<Record<string, string>>;
}

interface OutboxRow extends Record<'id' | 'type' | 'body' | 'headers' | 'created_at', string> {
  seq: number;
}

/** The SQL of events that are still to be published. Rows are deleted when the broker has them, so it stays small. */
export interface Outbox {
  /** Throws a 503 problem (`outbox-full`) when too many wait already. */
  add(transaction: Transaction, event: NewEvent): Promise<void>;
  /** In the order in which they were written, at most `limit`. */
  oldest(limit: number): Promise<WaitingEvent[]>;
  remove(events: readonly WaitingEvent[]): Promise<void>;
  /** Counts what a process before this one has left. */
  count(): Promise<void>;
  /** How many wait, as far as known without asking the database. */
  readonly depth: number;
}

interface OutboxOptions {
  service: string;
  store: Store;
  clock: Clock;
  limit: number;
  topology: Pick<Topology, 'addressOf'>;
  tracer?: Tracer | undefined;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { service, store, clock, limit, topology, tracer } = options;
  let depth = 0;
  const rows = () => store.read<OutboxRow>('outbox');
  return {
    add: async (transaction, event) => {
      if (depth >= limit) throw outboxFull(limit);
      // The event carries the ids of this span, however much later it is published.
      await inSpan(
        tracer,
        () => createSpan(topology.addressOf(event.type), event),
        () => transaction('outbox').insert(rowOf(event, service, clock)),
      );
      depth += 1;
      // Undone, perhaps only to be done anew.
      transaction.executionPromise.catch(() => {
        depth = Math.max(0, depth - 1);
      });
    },
    oldest: async (most) => {
      const found = await rows().orderBy('seq').limit(most);
      if (found.length < most) depth = found.length;
      return found.map(waitingEvent);
    },
    remove: async (events) => {
      if (events.length === 0) return;
      const seqs = events.map(({ seq }) => seq);
      depth = Math.max(0, depth - (await rows().whereIn('seq', seqs).delete()));
    },
    count: async () => {
      const [count] = await rows().count({ total: '*' });
      depth = Number(count?.['total']);
    },
    get depth() {
      return depth;
    },
  };
}

function rowOf({ type, subject, data }: NewEvent, service: string, clock: Clock): Omit<OutboxRow, 'seq'> {
  const id = uuidV7(clock.now(), randomBytes(10));
  const time = timestamp(clock);
  const headers = propagationHeaders();
  const { traceparent } = headers;
  const envelope: Envelope<object> = {
    specversion: '1.0',
    id,
    type,
    source: `/${service}`,
    time,
    subject,
    datacontenttype: 'application/json',
    data,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
  const body = JSON.stringify(envelope);
  if (Buffer.byteLength(body) > maxEnvelopeBytes)
    throw new Error(`the event ${type} is larger than ${maxEnvelopeBytes} bytes`);
  return { id, type, body, headers: JSON.stringify(headers), created_at: time };
}

function waitingEvent({ seq, id, type, body, headers }: OutboxRow): WaitingEvent {
  const known = eventTypes.find((one) => one === type);
  if (known === undefined) throw new Error(`the outbox holds an event of the unknown type "${type}"`);
  return { seq, id, type: known, body, headers: toHeaders(JSON.parse(headers)) };
}

function toHeaders(value: unknown): Record<string, string> {
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))
    : {};
}

function outboxFull(limit: number) {
  return unavailable(
    'outbox-full',
    `${limit} events wait for the message broker; nothing that causes another one is done until it takes them.`,
  );
}
