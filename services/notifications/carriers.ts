import { createTransport } from 'nodemailer';
import { onDemand } from '../kit/on-demand.ts';
import type { Channel } from './content.ts';
import type { NotificationRow } from './store.ts';

/** What takes a notification to somebody. */
export interface Carrier {
  /** Throws `Undeliverable`. */
  send(notification: NotificationRow): Promise<void>;
  /** What is known of how it goes out: `smtp`, or `recorded` where nothing leaves this machine. */
  provider: string;
}

/** Why something was not taken. */
export class Undeliverable extends Error {
  /** Trying again makes no sense: the same message will be refused again. */
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Undeliverable';
    this.isFinal = isFinal;
  }
}

/** How mail goes out. */
export interface Post extends Carrier {
  /** Whether the SMTP server greets. */
  isAvailable(): Promise<boolean>;
}

/** Together less than `attemptMs` in `delivery.ts`, so that an attempt has ended before another may begin. */
const patience = { connectionTimeout: 3_000, greetingTimeout: 3_000, socketTimeout: 5_000 };

/** Each message has a connection of its own, so that one that hangs holds up no other. */
export function createPost({ url, from }: { url: string; from: string }): Post {
  const safe = { disableFileAccess: true, disableUrlAccess: true };
  const transport = onDemand(() => createTransport({ url, ...patience, ...safe }));
  const prober = onDemand(() =>
    createTransport({ url, connectionTimeout: 500, greetingTimeout: 500, socketTimeout: 500 }),
  );
  return {
    provider: 'smtp',
    send: async ({ id, recipient, content, created_at }) => {
      await transport()
        .sendMail({
          from,
          to: { name: '', address: recipient },
          subject: content.subject ?? '',
          text: content.text,
          ...(content.html === undefined ? {} : { html: content.html }),
          // The same for every attempt, so that a receiver can tell a copy: after a crash between sending and noting
          // that it was sent, the message goes out again.
          messageId: `<${id}@notifications.shop>`,
          date: new Date(created_at),
        })
        .catch((error: unknown) => {
          throw undelivered(error);
        });
    },
    isAvailable: async () => {
      try {
        return await prober().verify();
      } catch {
        // Why it is not there is told by the notifications that wait for it.
        return false;
      }
    },
  };
}

/** RFC 5321, section 4.2.1: 5xx is final, 4xx and no answer are not. */
function undelivered(error: unknown): Undeliverable {
  const { responseCode, code, message }: { responseCode?: unknown; code?: unknown; message?: unknown } =
    error instanceof Error ? error : {};
  const isFinal = typeof responseCode === 'number' && responseCode >= 500;
  const [line = ''] = String(message ?? 'unknown error').split('\n');
  return new Undeliverable(`${String(code ?? 'SMTP')}: ${line.slice(0, 300)}`, isFinal, { cause: error });
}

/** Nothing is sent: the row itself is the outcome. There is no provider of SMS or push behind this shop. */
const recorded: Carrier = { provider: 'recorded', send: async () => undefined };

export function carriersWith(post: Carrier): Record<Channel, Carrier> {
  return { email: post, sms: recorded, push: recorded };
}

export const providers: Record<Channel, string> = { email: 'smtp', sms: 'recorded', push: 'recorded' };
