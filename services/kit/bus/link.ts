import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Random } from '../random.ts';

/** One connection, for as long as it lasts. Whatever is lost of it ends it as a whole, and a new one is set up. */
export interface Session {
  /** A channel with publisher confirms; when it is closed by the broker, the session is over. */
  openChannel(): Promise<ConfirmChannel>;
  /** Ends the session from our side: what it has left undone is delivered again in the next. */
  abandon(why: string): void;
  /** Aborted when the session is over. */
  signal: AbortSignal;
}

/** The lasting wish to be connected. Owns its connection and its back-off until `stop`. */
export interface Link {
  isUp(): boolean;
  stop(): Promise<void>;
}

interface LinkOptions {
  /** Holds credentials; never logged. */
  url: string;
  clock: Clock;
  random: Random;
  log: Logger;
  /** Declares and subscribes; the link counts as up when it is done. */
  setUp: (session: Session) => Promise<void>;
  /** The session is up and set up. */
  onUp: () => void;
  /** The session is over; nothing of it may be used any more. */
  onDown: () => void;
  backoff?: { firstMs: number; maxMs: number };
}

type Options = Required<LinkOptions>;

const connectTimeoutMs = 5_000;
/** Two missed ones end the connection, so that a silent broker is noticed within about twice that. */
const heartbeatSeconds = 10;
/** A session that held so long starts the back-off anew. */
const stableMs = 10_000;

/** Connects, and connects again whenever it is lost: waits grow from `firstMs` to `maxMs`, doubling, with jitter. */
export function keepLinked(options: LinkOptions): Link {
  const stopping = new AbortController();
  const state = { isUp: false };
  const all = { backoff: { firstMs: 100, maxMs: 10_000 }, ...options };
  const done = loop(all, state, stopping.signal);
  return {
    isUp: () => state.isUp,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

interface State {
  isUp: boolean;
}

async function loop(options: Options, state: State, stopping: AbortSignal): Promise<void> {
  const { clock, random, backoff, log } = options;
  let failuresInARow = 0;
  while (!stopping.aborted) {
    const startedMs = clock.now();
    const reason = await runSession(options, state, stopping);
    if (stopping.aborted) return;
    if (clock.now() - startedMs >= stableMs) failuresInARow = 0;
    const ceilingMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(failuresInARow, 20));
    failuresInARow += 1;
    const waitMs = Math.round(ceilingMs * (0.5 + random() / 2));
    log.warn({ reason, retry_ms: waitMs }, 'no connection to the broker');
    // An aborted sleep is the stop that the loop condition sees.
    await clock.sleep(waitMs, stopping).catch(() => undefined);
  }
}

/** One session from beginning to end; answers why it ended. */
async function runSession(options: Options, state: State, stopping: AbortSignal): Promise<string> {
  const ending = createEnding();
  const onStop = () => ending.end('stopped');
  stopping.addEventListener('abort', onStop, { once: true });
  let model: ChannelModel | undefined;
  try {
    model = await Promise.race([open(options.url, ending), ending.over.then(fail)]);
    await Promise.race([options.setUp(sessionOn(model, ending)), ending.over.then(fail)]);
    state.isUp = true;
    options.log.info('connected to the broker');
    options.onUp();
    return await ending.over;
  } catch (error) {
    return reasonOf(error);
  } finally {
    stopping.removeEventListener('abort', onStop);
    ending.end('over');
    state.isUp = false;
    options.onDown();
    if (model !== undefined) await closeQuietly(model);
  }
}

function fail(reason: string): never {
  throw new Error(reason);
}

async function open(url: string, ending: Ending): Promise<ChannelModel> {
  const model = await connect(withHeartbeat(url), { noDelay: true, timeout: connectTimeoutMs });
  // Without a listener, an error on the connection would end the process.
  model.on('error', (error) => ending.end(reasonOf(error)));
  model.on('close', (error) =>
    ending.end(error === undefined ? 'the connection was closed' : reasonOf(error)),
  );
  // It was given up while it was being opened.
  if (ending.signal.aborted) await closeQuietly(model);
  return model;
}

function withHeartbeat(text: string): string {
  const url = new URL(text);
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(heartbeatSeconds));
  return url.href;
}

function sessionOn(model: ChannelModel, ending: Ending): Session {
  return {
    abandon: ending.end,
    signal: ending.signal,
    openChannel: async () => {
      const channel = await model.createConfirmChannel();
      channel.on('error', (error) => ending.end(reasonOf(error)));
      channel.on('close', () => ending.end('a channel was closed'));
      return channel;
    },
  };
}

interface Ending {
  /** Resolves to why. */
  over: Promise<string>;
  /** Only the first reason counts: it is the one that led to the others. */
  end: (reason: string) => void;
  signal: AbortSignal;
}

function createEnding(): Ending {
  const aborting = new AbortController();
  const { signal } = aborting;
  const over = new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => resolve(String(signal.reason)), { once: true });
  });
  return { over, end: (reason) => aborting.abort(reason), signal };
}

/** A broker that does not answer any more must not hold up whoever says goodbye to it. */
async function closeQuietly(model: ChannelModel): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 500);
  });
  await Promise.race([model.close().catch(() => undefined), late]);
  clearTimeout(timer);
}

/** The first line of what went wrong. What amqplib and Node say names host and port, never credentials. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
