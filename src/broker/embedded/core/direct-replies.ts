import type { Message, Published } from './message.ts';

/** The queue that is none: who consumes from it gets replies directly, and names it as `reply-to`. */
export const REPLY_TO = 'amq.rabbitmq.reply-to';
const PREFIX = `${REPLY_TO}.`;

/** Whether a routing key is that of one consumer's direct replies. */
export const isReplyKey = (routingKey: string): boolean => routingKey.startsWith(PREFIX);

/** Who waits for direct replies: messages that go from channel to channel without a queue between them. */
export class DirectReplies {
  readonly #takers = new Map<string, (message: Message) => void>();

  /** `newName` makes what comes behind the prefix. Returns the routing key for replies. */
  add(newName: (prefix: string) => string, take: (message: Message) => void): string {
    const key = newName(PREFIX);
    this.#takers.set(key, take);
    return key;
  }

  remove(key: string): void {
    this.#takers.delete(key);
  }

  has(key: string): boolean {
    return this.#takers.has(key);
  }

  /** Who asked may have gone: that is a message without a way, as with queues. */
  send(key: string, message: Message): Published {
    const take = this.#takers.get(key);
    take?.(message);
    return { routed: take !== undefined, refused: false, stored: false };
  }
}
