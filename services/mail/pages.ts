import { type RequestHandler, type Response, Router } from 'express';
import { reached } from '../kit/index.ts';
import type { Mailbox } from './mailbox.ts';
import { listPage, messagePage } from './page.ts';

const perPage = 50;

/** Beyond it the offset of a page would not be a number that a database takes. */
const lastPage = 1_000_000;

/**
 * For a browser, which prefers HTML: the list at `/` and a message at `/messages/{id}`. Everybody else goes on to what
 * the OpenAPI document describes.
 */
export function mailPages(mailbox: Mailbox): RequestHandler {
  const pages = Router();
  pages.use((request, response, next) => {
    response.vary('accept');
    const isForBrowser = request.method === 'GET' && request.accepts(['json', 'html']) === 'html';
    next(isForBrowser ? undefined : 'router');
  });
  pages.get('/', reached('/'), async (request, response) => {
    const q = textOf(request.query['q']).slice(0, 200);
    const page = Math.min(lastPage, Number(/^\d{1,7}$/.exec(textOf(request.query['page']))?.[0] ?? 0));
    const window = { limit: perPage, offset: page * perPage };
    const { rows, total } = await mailbox.list(window, { q: q === '' ? undefined : q });
    answer(response, listPage({ rows, total, q, page, perPage }));
  });
  pages.get('/messages/:id', reached('/messages/{id}'), async (request, response) => {
    answer(response, messagePage(await mailbox.get(textOf(request.params['id']))));
  });
  return pages;
}

/** The page itself has no script, and the frame in it shows nothing but this service's own answers. */
const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

function answer(response: Response, html: string): void {
  response
    .status(200)
    .set({ 'content-security-policy': policy, 'referrer-policy': 'no-referrer' })
    .set({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    .type('text/html')
    .send(html);
}

/** A parameter that is sent twice is no text and counts as not sent. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.replaceAll('\0', '') : '';
}
