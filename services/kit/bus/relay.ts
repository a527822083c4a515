import { type Background, startBackground } from '../background.ts';
import type { Clock } from '../clock.ts';
import { contextFrom } from '../context.ts';
import { createKeyedLock } from '../keyed-lock.ts';
import type { Logger } from '../log.ts';
import type { Random } from '../random.ts';
import { continueSpan, reasonCode, sendSpan, type Tracer } from '../tracing/index.ts';
import { contentType } from './envelope.ts';
import { reasonOf } from './link.ts';
import type { BusMeter } from './meter.ts';
import type { Outbox, WaitingEvent } from './outbox.ts';
import type { Publisher } from './publisher.ts';
import type { Topology } from './topology.ts';

/** Takes events from the outbox to the broker, each at least once. */
export interface Relay {
  /** Says that there is something in the outbox. */
  wake(): void;
  /** From now on there is a broker to publish to; undefined: there is none. */
  use(publisher: Publisher | undefined): void;
  /** Publishes what is there, for at most `limitMs`. */
  flush(limitMs: number): Promise<void>;
  stop(): Promise<void>;
}

interface RelayOptions {
  outbox: Outbox;
  topology: Topology;
  meter: BusMeter;
  clock: Clock;
  random: Random;
  log: Logger;
  tracer: Tracer | undefined;
}

/** Bounds what is in memory and on the way at a time. */
const batchSize = 200;

export function startRelay(options: RelayOptions): Relay {
  const { outbox, log } = options;
  const lock = createKeyedLock();
  let isCounted = false;
  let publisher: Publisher | undefined;
  let isStopped = false;
  /** Answers how many are left that another attempt may publish: none while there is no broker to give them to. */
  const pass = async (): Promise<number> => {
    if (!isCounted) await outbox.count();
    isCounted = true;
    while (publisher !== undefined && !isStopped) {
      const events = await outbox.oldest(batchSize);
      if (events.length === 0) return 0;
      const failure = await publishBatch(options, publisher, events);
      if (failure === undefined) continue;
      log.warn({ reason: failure, waiting: outbox.depth }, 'events could not be published');
      return outbox.depth;
    }
    return 0;
  };
  // One pass at a time, also when a flush comes in between: two would publish everything twice.
  const passAlone = () => lock.run('pass', pass);
  const background: Background = startBackground({ ...options, pass: passAlone });
  return {
    wake: background.wake,
    use: (next) => {
      publisher = next;
      if (next !== undefined) background.wake();
    },
    flush: async (limitMs) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs);
      });
      const flushed = passAlone().catch((error: unknown) => {
        log.warn({ reason: reasonOf(error) }, 'events wait for the next start');
      });
      await Promise.race([flushed, late]);
      clearTimeout(timer);
    },
    stop: async () => {
      isStopped = true;
      publisher = undefined;
      await background.stop();
    },
  };
}

/** Publishes them in their order, and takes from the outbox what the broker has confirmed. Answers what failed, if anything. */
async function publishBatch(
  options: RelayOptions,
  publisher: Publisher,
  events: readonly WaitingEvent[],
): Promise<string | undefined> {
  const { outbox, meter } = options;
  const results = await Promise.allSettled(events.map((event) => publishOne(options, publisher, event)));
  const taken = events.filter((_event, index) => results[index]?.status === 'fulfilled');
  await outbox.remove(taken);
  for (const { type } of taken) meter.countPublished(type);
  const failed = results.find((result) => result.status === 'rejected');
  return failed === undefined ? undefined : reasonOf(failed.reason);
}

/** Below the span in which the event was written, perhaps by a process before this one. */
async function publishOne(options: RelayOptions, publisher: Publisher, event: WaitingEvent): Promise<void> {
  const { topology, tracer } = options;
  const context = contextFrom({
    requestId: event.headers['x-request-id'],
    traceparent: event.headers['traceparent'],
    tracestate: event.headers['tracestate'],
  });
  const span = continueSpan(tracer, context, () => sendSpan(topology.addressOf(event.type), event));
  try {
    await span.run(() => send(options, publisher, event));
  } catch (error) {
    span.fail(reasonCode(error));
    throw error;
  } finally {
    span.end();
  }
}

async function send(
  { topology, meter, log }: RelayOptions,
  publisher: Publisher,
  { id, type, body, headers }: WaitingEvent,
): Promise<void> {
  const { exchange, key } = topology.addressOf(type);
  const isRouted = await publisher.publish({
    exchange,
    key,
    content: Buffer.from(body),
    options: { messageId: id, type, contentType, headers: { ...headers } },
  });
  if (isRouted) return;
  meter.countUnroutable(type);
  log.info({ event_id: id, exchange, key }, 'an event was led to no queue: nobody consumes it');
}
