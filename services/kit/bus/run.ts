import type { Clock } from '../clock.ts';
import { createKeyedLock } from '../keyed-lock.ts';
import type { Logger } from '../log.ts';
import type { Random } from '../random.ts';
import type { Hold } from '../simulation/index.ts';
import type { Tracer } from '../tracing/index.ts';
import type { Work } from './consumer.ts';
import { declareExchanges, declareQueue } from './declare.ts';
import type { Inbox } from './inbox.ts';
import { keepLinked, reasonOf, type Session } from './link.ts';
import type { BusMeter } from './meter.ts';
import type { Outbox } from './outbox.ts';
import { createPublisher } from './publisher.ts';
import { startRelay } from './relay.ts';
import type { BusSettings } from './settings.ts';
import { type SubscribeParts, type Subscription, subscribe } from './subscribe.ts';
import { queuesOf, type Topology } from './topology.ts';

/** A bus at work. */
export interface Running {
  /** Says that the outbox has something new. */
  wake(): void;
  isConnected(): boolean;
  stopConsuming(): Promise<void>;
  close(): Promise<void>;
}

interface RunParts {
  settings: BusSettings;
  topology: Topology;
  outbox: Outbox;
  inbox: Inbox;
  works: readonly Work[];
  meter: BusMeter;
  meet: (type: string) => Hold;
  clock: Clock;
  random: Random;
  log: Logger;
  tracer: Tracer | undefined;
}

/** For handlers to finish once the service stops, and for the outbox to be emptied. */
const drainMs = 1_500;
const flushMs = 1_000;

/** Connects, and from then on publishes and consumes until it is closed. */
export function run(parts: RunParts): Running {
  const { settings, topology, outbox, works, meter } = parts;
  const relay = startRelay(parts);
  const desk = createDesk({ ...parts, retryDelaysMs: settings.retryDelaysMs });
  const setUp = async (session: Session) => {
    const channel = await session.openChannel();
    await declareExchanges(channel, topology);
    // Before anything is published: whoever consumes may never have run, and this service may consume its own events.
    for (const name of settings.consumers.flatMap(queuesOf))
      await declareQueue(channel, topology, topology.queue(name));
    await desk.open(session, works);
    const { confirmTimeoutMs } = settings;
    // Whatever waits on this connection would only pile up behind what is published again.
    const onSilence = () => session.abandon('the broker does not confirm a message');
    relay.use(createPublisher({ channel, signal: session.signal, confirmTimeoutMs, onSilence }));
  };
  const link = keepLinked({
    ...parts,
    url: settings.url,
    setUp,
    onUp: () => sweep(parts),
    onDown: () => {
      relay.use(undefined);
      desk.forget();
    },
  });
  meter.watch({ isConnected: link.isUp, outboxDepth: () => outbox.depth, queueDepths: desk.depths });
  return {
    wake: relay.wake,
    isConnected: link.isUp,
    stopConsuming: desk.close,
    close: async () => {
      await desk.close();
      await relay.flush(flushMs);
      await link.stop();
      await relay.stop();
    },
  };
}

function sweep({ inbox, log }: RunParts): void {
  inbox.sweep().catch((error: unknown) => log.warn({ reason: reasonOf(error) }, 'the inbox was not swept'));
}

/** What is being consumed, over one session after the other. */
interface Desk {
  open(session: Session, works: readonly Work[]): Promise<void>;
  forget(): void;
  depths(): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

function createDesk(parts: Omit<SubscribeParts, 'lock' | 'giveUp' | 'inFlight'>): Desk {
  const givingUp = new AbortController();
  const inFlight = new Set<Promise<void>>();
  const all = { ...parts, lock: createKeyedLock(), giveUp: givingUp.signal, inFlight };
  let isClosing = false;
  let subscriptions: Subscription[] = [];
  return {
    open: async (session, works) => {
      for (const work of works) {
        const subscription = await subscribe(all, session, work);
        session.signal.throwIfAborted();
        subscriptions.push(subscription);
      }
      // It may have been closed between two of them.
      if (isClosing) await cancelAll(subscriptions);
    },
    forget: () => {
      subscriptions = [];
    },
    depths: async () => new Map((await Promise.all(subscriptions.map(({ depths }) => depths()))).flat()),
    close: async () => {
      isClosing = true;
      const timer = setTimeout(() => givingUp.abort(), drainMs);
      await cancelAll(subscriptions);
      while (inFlight.size > 0) await Promise.all(inFlight);
      clearTimeout(timer);
    },
  };
}

async function cancelAll(subscriptions: readonly Subscription[]): Promise<void> {
  await Promise.all(subscriptions.map(({ cancel }) => cancel()));
}
