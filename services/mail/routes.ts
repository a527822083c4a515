import { type Call, pageOf, type Route, route } from '../kit/index.ts';
import { messageBody, summaryBody } from './bodies.ts';
import type { Mailbox } from './mailbox.ts';

/** No token is asked for: what is caught belongs to whoever tests the shop, on the machine on which it runs. */
const open = { access: 'public' } as const;

/**
 * What the HTML part of a message may do when it is shown: be laid out. No script, no form, no request to anywhere, no
 * origin of its own, also where somebody opens it outside of the page's frame.
 */
const harmless = {
  'content-security-policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-type': 'text/html; charset=utf-8',
} as const;

/** What the mail service answers, as `contracts/openapi/mail.yaml` describes it. */
export function mailRoutes(mailbox: Mailbox): Route[] {
  return [
    route('GET', '/messages', (call) => list(mailbox, call), open),
    route(
      'DELETE',
      '/messages',
      async () => ({ status: 200, body: { deleted: await mailbox.clear() } }),
      open,
    ),
    route(
      'GET',
      '/messages/{id}',
      async ({ path }) => ({ status: 200, body: messageBody(await mailbox.get(path('id'))) }),
      open,
    ),
    route('DELETE', '/messages/{id}', ({ path }) => remove(mailbox, path('id')), open),
    route('GET', '/messages/{id}/raw', ({ path }) => download(mailbox, path('id')), open),
    route(
      'GET',
      '/messages/{id}/html',
      async ({ path }) => ({ status: 200, body: await mailbox.html(path('id')), headers: harmless }),
      open,
    ),
  ];
}

async function list(mailbox: Mailbox, call: Call<unknown>) {
  const page = pageOf(call);
  const { query } = call;
  const search = { q: query('q'), from: query('from'), to: query('to'), subject: query('subject') };
  const { rows, total } = await mailbox.list(page, search);
  return { status: 200, body: { messages: rows.map(summaryBody), total, ...page } };
}

async function remove(mailbox: Mailbox, id: string) {
  await mailbox.remove(id);
  return { status: 200, body: { deleted: 1 } };
}

/** As a file: a browser that showed a message itself would run what is in it. */
async function download(mailbox: Mailbox, id: string) {
  const headers = {
    'content-type': 'message/rfc822',
    'content-disposition': `attachment; filename="${id}.eml"`,
    'x-content-type-options': 'nosniff',
  };
  return { status: 200, body: await mailbox.raw(id), headers };
}
