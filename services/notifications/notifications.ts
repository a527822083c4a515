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
import { nobodyToTell, notFailed } from './refusals.ts';
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

/** As a wish that others make: they may not know where the somebody is to be reached. */
export interface ForeignWish extends Omit<Wish, 'recipient'> {
  recipient: string | undefined;
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
  /**
   * As `notify`, for what an event asks for: without an address that can be one, it is written down as a notification
   * that has failed, with the reason. Throws 404 and 422 as `notify` does.
   */
  notifyOrNote(wish: ForeignWish, transaction: Transaction): Promise<NotificationRow>;
  list(page: Page, where: Readonly<Record<string, string>>): Promise<Listed<NotificationRow>>;
  /** Throws 404. */
  get(id: string): Promise<NotificationRow>;
  /** Tries anew what has failed. Throws 404, and 409 for what has not failed or has nobody to go to. */
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
  const notify = async (wish: Wish, transaction?: Transaction) => {
    requireRecipient(wish);
    if (transaction === undefined) {
      const row = await store.transaction((own) => put(parts, wish, own));
      wake();
      return row;
    }
    // What is not committed cannot be sent; what is rolled back never will be.
    void transaction.executionPromise.then(wake, () => undefined);
    return await put(parts, wish, transaction);
  };
  return {
    notify,
    notifyOrNote: async (wish, transaction) => {
      const { channel, recipient } = wish;
      if (recipient !== undefined && isRecipient(channel, recipient))
        return await notify({ ...wish, recipient }, transaction);
      const { expected } = recipientForms[channel];
      const last_error =
        recipient === undefined
          ? `Nobody said where to send it: ${expected} is missing.`
          : `What it was to be sent to is not ${expected}.`;
      return await put(parts, { ...wish, recipient: nowhere }, transaction, { status: 'failed', last_error });
    },
    list: (page, where) => rows.list(page, where),
    get,
    retry: async (id) => {
      const { status, recipient } = await get(id);
      if (recipient === nowhere) throw nobodyToTell(id);
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
  outcome: Pick<NotificationRow, 'status' | 'last_error'> = { status: 'pending', last_error: null },
): Promise<NotificationRow> {
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
    ...outcome,
    attempts: 0,
    next_attempt_ms: clock.now(),
    give_up_ms: clock.now() + giveUpAfterMs,
    created_at: now,
    updated_at: now,
    sent_at: null,
  });
  return row;
}

/** The recipient of what can be sent to nobody. */
export const nowhere = '';

/** One address and nothing else: a comma, a blank or a line break could make it several, or a header. */
const recipientForms: Record<Channel, { form: RegExp; expected: string }> = {
  email: { form: /^[^\s@<>()[\],;:\\"]{1,64}@[^\s@<>()[\],;:\\"]{1,190}$/, expected: 'one e-mail address' },
  sms: { form: /^\+?\d{5,15}$/, expected: 'a telephone number such as +491701234567' },
  push: { form: /^[\x21-\x7e]{1,250}$/, expected: 'the token of a device' },
};

function isRecipient(channel: Channel, recipient: string): boolean {
  return recipientForms[channel].form.test(recipient);
}

function requireRecipient({ channel, recipient }: Wish): void {
  if (isRecipient(channel, recipient)) return;
  const message = `must be ${recipientForms[channel].expected} for ${channel}`;
  throw invalidRequest([{ pointer: '#/recipient', message }]);
}
