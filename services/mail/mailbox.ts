import {
  type Clock,
  createKeyedLock,
  type Listed,
  type Logger,
  notFound,
  type Page,
  Problem,
  type ServiceParts,
  type Store,
  timestamp,
} from '../kit/index.ts';
import { parseMail } from './parse.ts';
import type { IncomingMail } from './smtp.ts';
import type { MailRow, MailStore, Search, SummaryRow } from './store.ts';

/** The rules of what was caught. */
export interface Mailbox {
  /**
   * Keeps a message, and drops the oldest when there are too many. A further copy of a message that is kept (the same
   * Message-ID, recipients, subject and text) is only counted, as servers that deliver mail do with them.
   */
  receive(mail: IncomingMail): Promise<void>;
  /** Newest first. */
  list(page: Page, search: Search): Promise<Listed<SummaryRow>>;
  /** Throws 404, as the following do. */
  get(id: string): Promise<MailRow>;
  raw(id: string): Promise<Buffer>;
  /** The HTML part as it was sent. Throws 404 for a message without one. */
  html(id: string): Promise<string>;
  remove(id: string): Promise<void>;
  /** Answers how many there were. */
  clear(): Promise<number>;
}

interface MailboxParts {
  store: Store;
  rows: MailStore;
  clock: Clock;
  newId: ServiceParts['newId'];
  log: Logger;
  /** How many messages are kept at most. */
  keep: number;
}

export function createMailbox(parts: MailboxParts): Mailbox {
  const { rows } = parts;
  const lock = createKeyedLock();
  const get = async (id: string) => (await rows.find(id)) ?? unknown(id);
  return {
    // One after the other, so that the memory which parsing takes does not grow with the senders.
    receive: (mail) => lock.run('parse', () => receive(parts, mail)),
    list: (page, search) => rows.list(page, search),
    get,
    raw: async (id) => (await rows.findRaw(id)) ?? unknown(id),
    html: async (id) => (await get(id)).html ?? noHtml(id),
    remove: async (id) => {
      if (!(await rows.remove(id))) unknown(id);
    },
    clear: () => rows.clear(),
  };
}

async function receive({ store, rows, clock, newId, log, keep }: MailboxParts, mail: IncomingMail) {
  const facts = await parseMail(mail);
  const kept = await store.transaction(async (transaction) => {
    const id = await newId(transaction, 'messages');
    const { raw, envelopeFrom } = mail;
    const row = {
      ...facts,
      id,
      envelope_from: envelopeFrom,
      size: raw.length,
      received_at: timestamp(clock),
    };
    const outcome = await rows.put(transaction, row, raw);
    await rows.trim(transaction, keep);
    return outcome;
  });
  // Nobody's address and no subject: those are for the mailbox, not for the log.
  log.info({ message_id: kept.id, copies: kept.copies, bytes: mail.raw.length }, 'message caught');
}

function unknown(id: string): never {
  throw notFound('message', id);
}

function noHtml(id: string): never {
  throw new Problem({
    status: 404,
    kind: 'no-html',
    title: 'The message has no HTML part',
    detail: `The message "${id}" has no HTML part.`,
  });
}
