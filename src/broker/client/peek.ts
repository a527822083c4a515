import type { GetMessage } from 'amqplib';
import { type BrokerLink, quiet } from './connect.ts';
import { type Failure, failureOf } from './failure-headers.ts';
import { explained, readyCount } from './list.ts';
import { plain } from './plain-values.ts';

/** A message as it lies in its queue. */
export interface PeekedMessage {
  /** It had been delivered, or looked at, before. */
  readonly redelivered: boolean;
  readonly exchange: string;
  readonly routingKey: string;
  /** Those that are set, in AMQP's names, such as `message_id`; times in ISO 8601. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** As JSON: times in ISO 8601, bytes as text. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly failure: Failure;
  readonly body: Buffer;
}

export interface Peeked {
  /** How many messages waited when we began. */
  readonly ready: number;
  readonly messages: readonly PeekedMessage[];
}

/** Bodies held at a time: the rest of a queue of large messages is not fetched. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The first messages of a queue. They are fetched and given back unacknowledged, so they stay in their places, marked as
 * redelivered; until then, a moment later, no consumer gets them. Should we die meanwhile, the broker takes them back.
 *
 * @throws ShopctlError `queue-unknown`, `queue-refused`
 */
export async function peekQueue(
  link: BrokerLink,
  queue: string,
  { count, signal }: { readonly count: number; readonly signal: AbortSignal },
): Promise<Peeked> {
  const ready = await readyCount(link, queue, signal);
  const channel = quiet(await link.model.createChannel());
  const fetched: GetMessage[] = [];
  let bytes = 0;
  try {
    while (fetched.length < count && bytes < MOST_BYTES && !signal.aborted) {
      const message = await channel.get(queue);
      if (message === false) break;
      fetched.push(message);
      bytes += message.content.length;
    }
    // All at once: one after the other, a consumer could take the first before the second is back.
    if (fetched.length > 0) channel.nackAll(true);
    await channel.close();
  } catch (error) {
    throw explained(error, queue, []);
  }
  return { ready, messages: fetched.map(peeked) };
}

const NAMES = {
  contentType: 'content_type',
  contentEncoding: 'content_encoding',
  deliveryMode: 'delivery_mode',
  priority: 'priority',
  correlationId: 'correlation_id',
  replyTo: 'reply_to',
  expiration: 'expiration',
  messageId: 'message_id',
  timestamp: 'timestamp',
  type: 'type',
  userId: 'user_id',
  appId: 'app_id',
} as const;

function peeked({ fields, properties, content }: GetMessage): PeekedMessage {
  const { headers = {}, ...others } = properties;
  const set = Object.entries(NAMES).flatMap(([key, name]) => {
    const value: unknown = Reflect.get(others, key);
    if (value === undefined) return [];
    return [[name, name === 'timestamp' && typeof value === 'number' ? timeOf(value) : value]];
  });
  return {
    redelivered: fields.redelivered,
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    properties: Object.fromEntries(set),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, plain(value)])),
    failure: failureOf(headers),
    body: content,
  };
}

/** Seconds since 1970, though many publishers write milliseconds; what is no time stays a number. */
function timeOf(seconds: number): string | number {
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime()) ? seconds : date.toISOString();
}
