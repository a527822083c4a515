import { randomUUID } from 'node:crypto';
import type { ConfirmChannel, Options } from 'amqplib';

export interface Publication {
  /** Empty: straight to the queue that `key` names. */
  exchange: string;
  key: string;
  content: Buffer;
  options: Options.Publish;
}

/** Publishes persistently, on one channel. */
export interface Publisher {
  /**
   * Resolves when the broker has taken the message over: to false when it was bound to nowhere and is gone. Rejects when
   * the broker refuses it, is lost, or says nothing for `confirmTimeoutMs`; whether it has the message is then unknown.
   */
  publish(publication: Publication): Promise<boolean>;
}

interface PublisherOptions {
  channel: ConfirmChannel;
  /** Aborted when the channel can confirm nothing any more. */
  signal: AbortSignal;
  confirmTimeoutMs?: number | undefined;
  /** The broker has left a message unconfirmed for too long. */
  onSilence?: () => void;
}

export function createPublisher(options: PublisherOptions): Publisher {
  const { channel, signal, confirmTimeoutMs = 15_000, onSilence } = options;
  // The broker sends back what it cannot route before it confirms it.
  const returned = new Set<unknown>();
  channel.on('return', (message) => returned.add(message.properties.messageId));
  const waiting = new Set<(error: Error) => void>();
  signal.addEventListener('abort', () => {
    for (const reject of waiting) reject(new Error(`not confirmed: ${signal.reason}`));
  });
  return {
    publish: ({ exchange, key, content, options }) => {
      const messageId: unknown = options.messageId ?? randomUUID();
      return new Promise<boolean>((resolve, reject) => {
        const settle = (error: Error | undefined) => {
          clearTimeout(timer);
          waiting.delete(settle);
          const isRouted = !returned.delete(messageId);
          if (error === undefined) resolve(isRouted);
          else reject(error);
        };
        const timer = setTimeout(() => {
          settle(new Error('the broker does not confirm a message'));
          onSilence?.();
        }, confirmTimeoutMs);
        waiting.add(settle);
        if (signal.aborted) return settle(new Error(`not published: ${signal.reason}`));
        try {
          const all = { ...options, messageId: String(messageId), persistent: true, mandatory: true };
          channel.publish(exchange, key, content, all, (error: unknown) => settle(asError(error)));
        } catch (error) {
          settle(asError(error));
        }
      });
    },
  };
}

/** amqplib says `null` where there is none. */
function asError(error: unknown): Error | undefined {
  if (error === null || error === undefined) return undefined;
  return error instanceof Error ? error : new Error(String(error));
}
