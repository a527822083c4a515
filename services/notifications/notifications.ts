import {
  type Clock,
  invalidRequest,
  type Listed,
  notFound,
  type Page,
  type ServiceParts,
  type Store,
  type Transaction,
  timestamp,
} from '../kit/index.ts';
import type { Channel, Data } from './content.ts';
import { notFailed } from './refusals.ts';
import type { NotificationRow, NotificationStore } from './store.ts';
import type { Templates } from './templates.ts';

/** What somebody is to be told. */
export interface Wish {
  /** What it is about, such as the id of an event; undefined: it is like no other. */
  key?: string | undefined;
  userId: string;
  /** An e-mail address, a telephone number or the token of a device, as the channel wants it. */
  recipient: string;
  channel: Channel;
  template: string;
  data: Data;
}

/** The rules of notifications. */
export interface Notifications {
  /**
   * Writes down that somebody is to be told, and answers at once; sending follows when the transaction is committed. A
   * wish with the key, template and channel of an earlier one is that earlier one, so an event that is delivered again
   * tells nobody twice. Throws 404 for an unknown template, 422 for one that cannot be filled, 400 for a recipient that
   * cannot be one.
   */
  notify(wish: Wish, transaction?: Transaction): Promise<NotificationRow>;
  list(page: Page, where: Readonly<Record<string, string>>): Promise<Listed<NotificationRow>>;
  /** Throws 404. */
  get(id: string): Promise<NotificationRow>;
  /** Tries anew what has failed. Throws 404, and 409 for what has not failed. */
  retry(id: string): Promise<NotificationRow>;
}

interface NotificationsParts {
  store: Store;
  rows: NotificationStore;
  templates: Templates;
  clock: Clock;
  newId: ServiceParts['newId'];
  /** For how long a notification is tried. */
  giveUpAfterMs: number;
  /** Called when there is something to send. */
  wake: () => void;
}

export function createNotifications(parts: NotificationsParts): Notifications {
  const { store, rows, clock, giveUpAfterMs, wake } = parts;
  const get = async (id: string) => {
    const row = await rows.find(id);
    if (row === undefined) throw notFound('notification', id);
    return row;
  };
  return {
    notify: async (wish, transaction) => {
      if (transaction === undefined) {
        const row = await store.transaction((own) => put(parts, wish, own));
        wake();
        return row;
      }
      // What is not committed cannot be sent; what is rolled back never will be.
      void transaction.executionPromise.then(wake, () => undefined);
      return await put(parts, wish, transaction);
    },
    list: (page, where) => rows.list(page, where),
    get,
    retry: async (id) => {
      const { status } = await get(id);
      const nowMs = clock.now();
      const times = { next_attempt_ms: nowMs, give_up_ms: nowMs + giveUpAfterMs };
      if (!(await rows.revive(id, { ...times, updated_at: timestamp(clock) }))) throw notFailed(id, status);
      wake();
      return await get(id);
    },
  };
}

async function put(
  { rows, templates, clock, newId, giveUpAfterMs }: NotificationsParts,
  { key, userId, recipient, channel, template, data }: Wish,
  transaction: Transaction,
): Promise<NotificationRow> {
  requireRecipient(channel, recipient);
  const content = await templates.fill({ template, channel, data }, transaction);
  const id = await newId(transaction, 'notifications');
  const now = timestamp(clock);
  const { row } = await rows.put(transaction, {
    id,
    key: key ?? id,
    user_id: userId,
    channel,
    recipient,
    template,
    data,
    content,
    status: 'pending',
    attempts: 0,
    last_error: null,
    next_attempt_ms: clock.now(),
    give_up_ms: clock.now() + giveUpAfterMs,
    created_at: now,
    updated_at: now,
    sent_at: null,
  });
  return row;
}

/** One address and nothing else: a comma, a blank or a line break could make it several, or a header. */
const recipientForms: Record<Channel, { form: RegExp; expected: string }> = {
  email: { form: /^[^\s@<>()[\],;:\\"]{1,64}@[^\s@<>()[\],;:\\"]{1,190}$/, expected: 'one e-mail address' },
  sms: { form: /^\+?\d{5,15}$/, expected: 'a telephone number such as +491701234567' },
  push: { form: /^[\x21-\x7e]{1,250}$/, expected: 'the token of a device' },
};

function requireRecipient(channel: Channel, recipient: string): void {
  const { form, expected } = recipientForms[channel];
  if (!form.test(recipient)) {
    throw invalidRequest([{ pointer: '#/recipient', message: `must be ${expected} for ${channel}` }]);
  }
}
