import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { type Clock, timestamp } from '../clock.ts';
import { contextFrom } from '../context.ts';
import type { KeyedLock } from '../keyed-lock.ts';
import type { Logger } from '../log.ts';
import type { Hold } from '../simulation/index.ts';
import { continueSpan, processSpan, reasonCode, type Span, type Tracer } from '../tracing/index.ts';
import type { Work } from './consumer.ts';
import { declareQueue, declareRetries } from './declare.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import { describeFailure, Unprocessable } from './failure.ts';
import { reasonOf, type Session } from './link.ts';
import type { BusMeter, Outcome } from './meter.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import { headersOf, type RetryQueue, recordFailure, retryLadder, withRecord } from './retry.ts';
import type { QueueTopology, Topology } from './topology.ts';

export interface SubscribeParts {
  topology: Topology;
  retryDelaysMs: readonly number[];
  meter: BusMeter;
  /** Asked as each event comes: what holds it back or fails it on purpose, if anything does. */
  meet: (type: string) => Hold;
  /** Keeps deliveries of one event apart: after a lost connection it comes again while it is still being handled. */
  lock: KeyedLock;
  clock: Clock;
  log: Logger;
  tracer: Tracer | undefined;
  /** Aborted when handlers have no more time. */
  giveUp: AbortSignal;
  /** Every delivery that is being handled, also those whose session is over. */
  inFlight: Set<Promise<void>>;
}

/** A queue that is being consumed, until its session is over. */
export interface Subscription {
  /** Takes no more deliveries; those in flight go on. */
  cancel(): Promise<void>;
  /** Messages ready in the queue and in its `.dead`, by name. */
  depths(): Promise<readonly (readonly [string, number])[]>;
}

interface Stage {
  parts: SubscribeParts;
  session: Session;
  channel: ConfirmChannel;
  publisher: Publisher;
  queue: QueueTopology;
  ladder: readonly RetryQueue[];
  work: Work;
}

export async function subscribe(parts: SubscribeParts, session: Session, work: Work): Promise<Subscription> {
  const { topology, retryDelaysMs, inFlight } = parts;
  const queue = topology.queue(work.queue);
  const ladder = retryLadder(queue, retryDelaysMs);
  const channel = await session.openChannel();
  await declareQueue(channel, topology, queue);
  await declareRetries(channel, queue, ladder);
  await channel.prefetch(work.prefetch);
  const publisher = createPublisher({ channel, signal: session.signal });
  const stage = { parts, session, channel, publisher, queue, ladder, work };
  const { consumerTag } = await channel.consume(queue.name, (message) => {
    if (message === null) return session.abandon(`the queue ${queue.name} is gone`);
    const delivery: Promise<void> = deliver(stage, message).finally(() => inFlight.delete(delivery));
    inFlight.add(delivery);
  });
  return {
    cancel: async () => {
      // A session that is over has cancelled it already.
      await channel.cancel(consumerTag).catch(() => undefined);
    },
    depths: async () =>
      await Promise.all(
        [queue.name, queue.dead].map(
          async (name) => [name, (await channel.checkQueue(name)).messageCount] as const,
        ),
      ),
  };
}

/** One delivery from arrival to ack. Never rejects: what cannot be settled stays unacknowledged, and comes again. */
async function deliver(stage: Stage, message: ConsumeMessage): Promise<void> {
  const { parts, session, channel, queue } = stage;
  const reading = readEnvelope(message.content);
  const envelope = 'envelope' in reading ? reading.envelope : undefined;
  const context = contextFrom({
    requestId: text(headersOf(message)['x-request-id']),
    traceparent: envelope?.traceparent ?? text(headersOf(message)['traceparent']),
    tracestate: text(headersOf(message)['tracestate']),
  });
  // Every attempt is below the span in which the event was written: what follows from it is one trace.
  const span = continueSpan(parts.tracer, context, () => processSpan(queue.name, envelope));
  const delivery = { message, span };
  await span.run(async () => {
    try {
      const outcome =
        'complaint' in reading
          ? await fail(stage, delivery, new Unprocessable(reading.complaint))
          : await handle(stage, delivery, reading.envelope);
      span.set({ 'shop.event.outcome': outcome ?? 'given-up' });
      if (outcome === undefined) return;
      channel.ack(message);
      parts.meter.countConsumed(queue.name, outcome);
      const facts = { queue: queue.name, event_id: envelope?.id, type: envelope?.type, outcome };
      parts.log.info(facts, 'event consumed');
    } catch (error) {
      // Neither done nor put elsewhere: a new session gets it again.
      span.fail(reasonCode(error));
      session.abandon(`a delivery could not be settled: ${reasonOf(error)}`);
    }
  });
  span.end();
}

interface Delivery {
  message: ConsumeMessage;
  span: Span;
}

/** Undefined when there was no time left: the event stays in its queue. */
async function handle(stage: Stage, delivery: Delivery, envelope: Envelope): Promise<Outcome | undefined> {
  const { parts, queue, work } = stage;
  const { clock, meter, giveUp } = parts;
  const hold = parts.meet(envelope.type);
  const startedMs = clock.now();
  meter.observeLag(queue.name, Math.max(0, startedMs - Date.parse(envelope.time)) / 1_000);
  try {
    if (!queue.takes(envelope.type))
      throw new Unprocessable(`Nobody here knows what to do with an event ${envelope.type}.`);
    const isFirst = await parts.lock.run(`${queue.name} ${envelope.id}`, () =>
      hold(giveUp, () => work.run(envelope, giveUp)),
    );
    return isFirst ? 'done' : 'duplicate';
  } catch (error) {
    if (giveUp.aborted) return undefined;
    return await fail(stage, delivery, error);
  } finally {
    meter.observeHandling(queue.name, Math.max(0, clock.now() - startedMs) / 1_000);
  }
}

/** Puts the event where it waits for another attempt, or where the dead ones are. Throws when neither took it. */
async function fail(stage: Stage, { message, span }: Delivery, error: unknown): Promise<Outcome> {
  const { parts, publisher, queue, ladder } = stage;
  const record = recordFailure(message, describeFailure(error), timestamp(parts.clock));
  span.set({ 'shop.event.failures': record.attempts });
  span.fail(reasonCode(error));
  const retry = error instanceof Unprocessable ? undefined : ladder[record.attempts - 1];
  const isTaken = await publisher.publish({
    exchange: retry === undefined ? parts.topology.deadLetters : '',
    key: retry === undefined ? queue.dead : retry.name,
    content: message.content,
    options: withRecord(message, record, queue.name),
  });
  if (!isTaken) throw new Error(`${retry?.name ?? queue.dead} is gone`);
  const facts = { queue: queue.name, attempts: record.attempts, reason: record.error };
  if (retry === undefined) parts.log.error(facts, 'event is dead');
  else parts.log.warn({ ...facts, retry_ms: retry.delayMs }, 'event is tried again');
  return retry === undefined ? 'dead' : 'retried';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
