import type { MailRow, SummaryRow } from './store.ts';

interface ListOptions {
  rows: readonly SummaryRow[];
  total: number;
  /** What was searched for; empty: nothing. */
  q: string;
  /** From 0. */
  page: number;
  perPage: number;
}

/** The list of messages as an HTML page. */
export function listPage({ rows, total, q, page, perPage }: ListOptions): string {
  const link = (to: number, text: string) =>
    `<a href="/?page=${to}&amp;q=${encodeURIComponent(q)}">${text}</a>`;
  const newer = page > 0 ? link(page - 1, 'newer') : '';
  const older = (page + 1) * perPage < total ? link(page + 1, 'older') : '';
  const none = '<tr><td colspan="5">No message.</td></tr>';
  const lines = rows.length === 0 ? none : rows.map(listLine).join('');
  return frame(
    'Mail',
    `<h1>Mail</h1>
<form action="/"><input name="q" value="${escaped(q)}" maxlength="200" aria-label="Search"> <button>Search</button></form>
<p>${total} ${total === 1 ? 'message' : 'messages'} ${newer} ${older}</p>
<table><thead><tr><th>Subject</th><th>From</th><th>To</th><th>Received</th><th>Bytes</th></tr></thead>
<tbody>${lines}</tbody></table>`,
  );
}

function listLine({ id, subject, sender, recipients, received_at, size, copies }: SummaryRow): string {
  const times = copies > 1 ? ` (${copies} copies)` : '';
  const title = `<a href="/messages/${encodeURIComponent(id)}">${escaped(subject || '(no subject)')}</a>${times}`;
  const cells = [title, escaped(sender), escaped(shortened(recipients)), escaped(received_at), String(size)];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function shortened(recipients: readonly string[]): string {
  const more = recipients.length > 3 ? ` and ${recipients.length - 3} more` : '';
  return `${recipients.slice(0, 3).join(', ')}${more}`;
}

/** One message as an HTML page. Its own HTML part stands in a frame that may do nothing. */
export function messagePage(mail: MailRow): string {
  const at = `/messages/${encodeURIComponent(mail.id)}`;
  const facts = [
    ['From', mail.sender],
    ['To', mail.recipients.join(', ')],
    ['Date', mail.sent_at ?? mail.received_at],
    ['Message-ID', mail.message_id ?? '–'],
    ['Copies received', String(mail.copies)],
    ...mail.attachments.map(({ filename, content_type, size }) => [
      'Attachment',
      `${filename ?? '(no name)'}, ${content_type}, ${size} bytes`,
    ]),
  ];
  const rows = facts.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  const headers = mail.headers.map(({ name, value }) => `${name}: ${value}`).join('\n');
  return frame(
    mail.subject || '(no subject)',
    `<p><a href="/">All messages</a> · <a href="${at}/raw">Raw message</a></p>
<h1>${escaped(mail.subject || '(no subject)')}</h1>
<table>${rows.join('')}</table>
${mail.text === null ? '' : `<h2>Text</h2><pre>${escaped(mail.text)}</pre>`}
${mail.html === null ? '' : `<h2>HTML</h2><iframe sandbox title="HTML part" src="${at}/html"></iframe>`}
<h2>Headers</h2><pre>${escaped(headers)}</pre>`,
  );
}

const style = `body { font: 15px/1.4 system-ui, sans-serif; margin: 1.5rem; color: #222; background: #fff }
table { border-collapse: collapse } th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0 }
td { overflow-wrap: anywhere } pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f6; padding: .8rem }
iframe { width: 100%; height: 32rem; border: 1px solid #ccc }`;

function frame(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${style}</style></head>
<body>${body}</body></html>
`;
}

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Safe in an element and in a quoted attribute. */
function escaped(text = ''): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities.get(character) ?? '');
}
