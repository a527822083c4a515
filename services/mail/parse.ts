import { createHash } from 'node:crypto';
import { type AddressObject, type HeaderValue, type ParsedMail, simpleParser } from 'mailparser';
import type { IncomingMail } from './smtp.ts';

export interface Header {
  name: string;
  value: string;
}

/** An attachment without its content, which only the raw message has. */
export interface Attachment {
  filename: string | null;
  content_type: string;
  /** Of the decoded content, in bytes. */
  size: number;
}

/** What a message says, decoded. */
export interface MailFacts {
  message_id: string | null;
  /** The header `From`, or the sender of the envelope. */
  sender: string;
  recipients: string[];
  subject: string;
  /** The header `Date`, in RFC 3339. */
  sent_at: string | null;
  text: string | null;
  html: string | null;
  headers: Header[];
  attachments: Attachment[];
  /** The same for every copy of one message; null for a message without Message-ID, which cannot be told from others. */
  fingerprint: string | null;
}

const maxHeaders = 500;
const maxAttachments = 100;

/** Reads a message (RFC 5322, MIME). What cannot be understood is left out: a mail catcher keeps everything it is sent. */
export async function parseMail({ envelopeFrom, recipients, raw }: IncomingMail): Promise<MailFacts> {
  const mail = await simpleParser(raw, {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    keepCidLinks: true,
    checksumAlgo: 'sha256',
  });
  const facts = {
    message_id: clean(mail.messageId),
    sender: clean(mail.from?.text) ?? envelopeFrom,
    recipients: [...recipients],
    subject: clean(mail.subject) ?? '',
    sent_at: timeOf(mail.date),
    text: clean(mail.text),
    html: clean(mail.html || undefined),
    headers: headersOf(mail).slice(0, maxHeaders),
    attachments: mail.attachments.slice(0, maxAttachments).map(({ filename, contentType, size }) => ({
      filename: clean(filename),
      content_type: clean(contentType) ?? 'application/octet-stream',
      size,
    })),
  };
  return { ...facts, fingerprint: fingerprintOf(facts) };
}

function fingerprintOf(facts: Omit<MailFacts, 'fingerprint'>): string | null {
  if (facts.message_id === null) return null;
  const { message_id, recipients, subject, text, html } = facts;
  const parts = [message_id, [...recipients].sort(), subject, text, html];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The headers in their order: decoded where the parser has decoded them to a text, as they were sent otherwise. */
function headersOf({ headerLines, headers }: ParsedMail): Header[] {
  return [...headerLines].map(({ key, line }) => ({
    name: clean(line.slice(0, line.indexOf(':')).trim()) ?? key,
    value: clean(decoded(headers.get(key)) ?? unfolded(line)) ?? '',
  }));
}

function decoded(value: HeaderValue | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return isAddress(value) ? value.text : undefined;
}

function isAddress(value: HeaderValue | undefined): value is AddressObject {
  return typeof value === 'object' && 'text' in value && typeof value.text === 'string';
}

/** RFC 5322, section 2.2.3. */
function unfolded(line: string): string {
  return line
    .slice(line.indexOf(':') + 1)
    .replaceAll(/\r?\n(?=[ \t])/g, '')
    .trim();
}

function timeOf(date: Date | undefined): string | null {
  return date === undefined || Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** No database keeps the character NUL in a text, and no mail needs it. */
function clean(text: string | undefined | null): string | null {
  return text === undefined || text === null ? null : text.replaceAll('\0', '\ufffd');
}
