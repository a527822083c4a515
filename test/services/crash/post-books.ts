import { openBook } from './books.ts';
import type { WholeShop } from './whole-shop.ts';

/** An e-mail as the mail service keeps it. */
export interface Mail {
  orderId: string;
  kind: 'received' | 'confirmed';
  recipients: string[];
}

interface NotificationLine {
  key: string;
  template: string;
  status: string;
  attempts: number;
  last_error: string | null;
}

/** What the services tell each other and their customers, read with SQL and, where it waits on the broker, asked for. */
export interface PostBooks {
  /** Events and e-mails that are on their way, in words; empty when none is. Dead events are on no way any more. */
  underWay(): Promise<string[]>;
  dead(): Promise<{ name: string; messages: number }[]>;
  notifications(): Promise<NotificationLine[]>;
  mailCount(): Promise<number>;
  mails(): Promise<Mail[]>;
}

export function openPostBooks({ file, queues }: Pick<WholeShop, 'file' | 'queues'>): PostBooks {
  const [mail, notifications] = [openBook(file('mail')), openBook(file('notifications'))];
  const outboxes = ['users', 'orders', 'payments'].map((name) => ({ name, book: openBook(file(name)) }));
  const isDead = ({ name }: { name: string }) => name.endsWith('.dead');
  const lines = () =>
    notifications('notifications').select('key', 'template', 'status', 'attempts', 'last_error');
  return {
    // In the direction in which news travel, so that none is overlooked on its way from one to the next.
    underWay: async () => {
      const told: string[] = [];
      for (const { name, book } of outboxes)
        for (const { id } of await book('outbox').select('id')) told.push(`outbox of ${name} ${id}`);
      for (const queue of await queues()) if (!isDead(queue)) told.push(`${queue.messages} in ${queue.name}`);
      for (const { key, template } of await lines().where({ status: 'pending' }))
        told.push(`e-mail ${template} ${key}`);
      return told;
    },
    dead: async () => (await queues()).filter(isDead),
    notifications: async () => await lines(),
    mailCount: async () => {
      const [count] = await mail('messages').count({ total: '*' });
      return Number(count?.['total']);
    },
    mails: async () => {
      const rows: { subject: string; recipients: string }[] = await mail('messages').select(
        'subject',
        'recipients',
      );
      return rows.map(readMail);
    },
  };
}

function readMail({ subject, recipients }: { subject: string; recipients: string }): Mail {
  const [, received, confirmed] = /^(?:Your order (\S+)|Order (\S+) confirmed)$/.exec(subject) ?? [];
  const orderId = received ?? confirmed;
  if (orderId === undefined) throw new Error(`an e-mail about no order: ${subject}`);
  return {
    orderId,
    kind: received === undefined ? 'confirmed' : 'received',
    recipients: JSON.parse(recipients),
  };
}
