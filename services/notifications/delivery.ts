import { setMaxListeners } from 'node:events';
import {
  type Clock,
  type Logger,
  Problem,
  type Random,
  type Simulator,
  startBackground,
  timestamp,
} from '../kit/index.ts';
import { type Carrier, Undeliverable } from './carriers.ts';
import { type Channel, channels } from './content.ts';
import type { Attempt, NotificationRow, NotificationStore } from './store.ts';

/** Sends what is pending, in the background. Owns its timer and what it is sending until `stop`. */
export interface Delivery {
  /** What can be made slow and failing on purpose: `SEND email`, `SEND sms`, `SEND push`. */
  endpoints: readonly { method: 'SEND'; path: Channel }[];
  start(meet: Simulator['meet']): void;
  /** Says that there is something to send. */
  wake(): void;
  /** Begins no further attempt, and resolves when those that run have ended. */
  stop(): Promise<void>;
}

interface DeliveryParts {
  rows: NotificationStore;
  carriers: Record<Channel, Carrier>;
  clock: Clock;
  random: Random;
  log: Logger;
}

/** So many at once: each of them may take seconds, and nobody is to wait for all before. */
const maxAtOnce = 20;

/** An attempt that has not ended by then (the process was killed) may be followed by another. */
const attemptMs = 15_000;

/** Waits between attempts grow from the first to the second, doubling. */
const retryMs = { first: 1_000, most: 30_000 };

export function createDelivery(parts: DeliveryParts): Delivery {
  const sending = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  // Each attempt listens for the stop while it waits.
  setMaxListeners(maxAtOnce + 10, stopping.signal);
  let background: ReturnType<typeof startBackground> | undefined;
  // Before the start nobody has to be woken: it begins with a pass.
  const wake = () => background?.wake();
  const pass = async (meet: Simulator['meet']) => {
    const { rows, clock } = parts;
    // Whatever ends next wakes this again.
    if (sending.size >= maxAtOnce) return 0;
    const due = await rows.listDue(clock.now(), maxAtOnce - sending.size, [...sending.keys()]);
    for (const notification of due) {
      if (stopping.signal.aborted) break;
      const work = send({ ...parts, meet, signal: stopping.signal }, notification).finally(() => {
        sending.delete(notification.id);
        wake();
      });
      sending.set(notification.id, work);
    }
    // What is being sent wakes this again when it is done.
    return (await rows.countPending()) - sending.size;
  };
  return {
    endpoints: channels.map((path) => ({ method: 'SEND', path })),
    start: (meet) => {
      const backoff = { firstMs: 200, maxMs: 1_000 };
      background = startBackground({ ...parts, pass: async () => Math.max(0, await pass(meet)), backoff });
    },
    wake,
    stop: async () => {
      stopping.abort();
      await background?.stop();
      await Promise.all(sending.values());
    },
  };
}

interface Sending extends DeliveryParts {
  meet: Simulator['meet'];
  signal: AbortSignal;
}

/** One attempt: begun in the database before anything leaves, and ended there. Never rejects. */
async function send(parts: Sending, notification: NotificationRow): Promise<void> {
  const { rows, carriers, meet, signal, clock, log } = parts;
  const { id, channel, attempts } = notification;
  const attempt = { id, number: attempts + 1 };
  const begin = () => rows.begin(attempt, { untilMs: clock.now() + attemptMs, now: timestamp(clock) });
  try {
    await meet({ method: 'SEND', path: channel })(signal, async () => {
      signal.throwIfAborted();
      if (!(await begin())) return;
      await carriers[channel].send(notification);
      const now = timestamp(clock);
      await rows.end(attempt, { status: 'sent', sent_at: now, last_error: null, updated_at: now });
      log.info({ notification_id: id, channel, attempt: attempt.number }, 'notification sent');
    });
  } catch (error) {
    if (signal.aborted && !(error instanceof Undeliverable)) return;
    // A failure on purpose comes before the work, which is then not begun yet.
    if (error instanceof Problem) await begin().catch(() => false);
    await noteFailure(parts, { notification, attempt, error });
  }
}

interface Failure {
  notification: NotificationRow;
  attempt: Attempt;
  error: unknown;
}

/** Final refusals and the end of patience make it `failed`; otherwise it stays pending until its next time. */
async function noteFailure(
  { rows, clock, random, log }: Sending,
  { notification: { channel, give_up_ms }, attempt, error }: Failure,
): Promise<void> {
  const { id, number } = attempt;
  const isExpected = error instanceof Undeliverable || error instanceof Problem;
  const reason = isExpected ? error.message : 'The attempt failed inside the service.';
  const waitMs = Math.min(retryMs.most, retryMs.first * 2 ** Math.min(number - 1, 10));
  const nextMs = clock.now() + Math.round(waitMs * (0.5 + random() / 2));
  const isOver = (error instanceof Undeliverable && error.isFinal) || nextMs > give_up_ms;
  const facts = { notification_id: id, channel, attempt: number, is_over: isOver };
  // What the server said may quote the address, which is not for the log.
  if (isExpected) log.warn(facts, 'notification not sent');
  else log.error({ ...facts, err: error }, 'notification not sent');
  const change = { last_error: reason, updated_at: timestamp(clock), next_attempt_ms: nextMs };
  await rows.end(attempt, isOver ? { ...change, status: 'failed' } : change).catch((failure: unknown) => {
    // The attempt then counts as one that came to no end.
    log.error({ ...facts, err: failure }, 'the end of an attempt could not be noted');
  });
}
