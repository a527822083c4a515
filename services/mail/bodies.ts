import type { MailRow, SummaryRow } from './store.ts';

/** A message in a list. */
export function summaryBody({ sender, recipients, ...facts }: SummaryRow) {
  const { id, message_id, subject, size, copies, received_at } = facts;
  return { id, message_id, from: sender, to: recipients, subject, size, copies, received_at };
}

/** A whole message, without what only its raw form has. */
export function messageBody(mail: MailRow) {
  const { envelope_from, sent_at, text, html, headers, attachments } = mail;
  return { ...summaryBody(mail), envelope_from, sent_at, text, html, headers, attachments };
}
