/** A message as it was published. Every queue that has it shares it, with its body. */
export interface Message extends Content {
  /** In the order of arrival, unique within a journal; 0 until the first queue is to have it. */
  id: number;
  /** How many queue entries hold it. */
  holders: number;
  /** How many of them are in the journal. */
  storedHolders: number;
  header: Buffer;
  /** Undefined while it is only in the journal: read it before the message is delivered or dies. */
  body: Buffer | undefined;
}

/** What a publisher says of a message, and what it carries. */
export interface Content {
  readonly exchange: string;
  readonly routingKey: string;
  /** As it came; see wire/content-header.ts. */
  readonly header: Buffer;
  readonly body: Buffer | undefined;
  readonly bodyBytes: number;
  readonly persistent: boolean;
  readonly priority: number;
  /** Milliseconds that it may wait in a queue. */
  readonly expirationMs: number | undefined;
}

/** A message that no queue has yet. Field by field: all messages have one shape then, and are quick to make. */
export function newMessage(content: Content): Message {
  return {
    id: 0,
    exchange: content.exchange,
    routingKey: content.routingKey,
    header: content.header,
    body: content.body,
    bodyBytes: content.bodyBytes,
    persistent: content.persistent,
    priority: content.priority,
    expirationMs: content.expirationMs,
    holders: 0,
    storedHolders: 0,
  };
}

/** A message's place in one queue. */
export interface Entry {
  readonly message: Message;
  /** Grows with every entry of the broker: the order in a queue, and the key in the journal. */
  readonly position: number;
  /** Epoch milliseconds from which on it must not be delivered. */
  readonly expiresAtMs: number | undefined;
  /** It is in the journal as well. */
  readonly stored: boolean;
  /** It may have been delivered before. */
  redelivered: boolean;
}

/** What a message costs in memory besides its bytes, about. */
const OVERHEAD_BYTES = 400;

/** What a message costs in memory at the moment. */
export function costOf({ header, body }: Message): number {
  return OVERHEAD_BYTES + header.length + (body?.length ?? 0);
}

/** The body of a message that is delivered, dies or is written: whoever lets it come to that has had it read. */
export function bodyOf({ id, body }: Message): Buffer {
  if (body === undefined) throw new Error(`the body of message ${id} has not been read`);
  return body;
}

/** What became of a published message. */
export interface Published {
  /** At least one queue was to have it. */
  readonly routed: boolean;
  /** A full queue refused it. */
  readonly refused: boolean;
  /** It is on its way to the disk. */
  readonly stored: boolean;
}
