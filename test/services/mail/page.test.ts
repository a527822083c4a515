import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeOf } from '../judge.ts';
import { startMail } from './start-mail.ts';

const judge = judgeOf('mail');
const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const attack = `"'><script>alert(1)</script><img src=x onerror=alert(2)>`;

let mail: Awaited<ReturnType<typeof startMail>>;
beforeAll(async () => {
  mail = await startMail();
});
afterAll(async () => {
  await mail.stop();
});

const idOf = async (query: string) => `${(await mail.list(query))[0]?.['id']}`;

/** What a browser would take for elements of the page, without those that every page has. */
const elements = (html: string) =>
  [...html.matchAll(/<(script|img|svg|object|embed|link|meta|iframe|base)\b[^>]*>/gi)]
    .map(([element]) => element)
    .filter((element) => !element.startsWith('<meta '));

describe('the page at /', () => {
  it('lists the messages for a browser, and everybody else gets JSON', async () => {
    await mail.send({ subject: 'Hello page' });
    const page = await mail.get('/', browser);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('vary')).toMatch(/accept/i);
    expect(page.text).toContain(`<a href="/messages/${await idOf('q=hello')}">Hello page</a>`);
    for (const accept of ['*/*', 'application/json']) judge('GET /', await mail.get('/', { accept }));
  });

  it('searches, and pages through what there is', async () => {
    await mail.send({ subject: 'needle & thread' });
    const found = await mail.get('/?q=Needle', browser);
    expect(found.text).toContain('needle &amp; thread');
    expect(found.text).toContain('1 message ');
    expect(found.text).toContain('value="Needle"');
    expect((await mail.get('/?q=no-such-text', browser)).text).toContain('No message.');
    expect((await mail.get('/?page=9999999', browser)).text).toContain('No message.');
    for (const odd of ['/?page=-1', '/?page=x', '/?q=a&q=b', '/?q=%00']) {
      expect((await mail.get(odd, browser)).status).toBe(200);
    }
  });

  it('escapes everything that a message says, and may run no script', async () => {
    await mail.send({
      from: { name: attack, address: 'evil@example.com' },
      subject: attack,
      text: attack,
      headers: { 'X-Evil': attack },
      attachments: [{ filename: `${attack}.txt`, content: 'x' }],
    });
    const list = await mail.get(`/?q=${encodeURIComponent(attack)}`, browser);
    const shown = await mail.get(`/messages/${await idOf('from=evil')}`, browser);
    for (const { text, headers } of [list, shown]) {
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(elements(text)).toEqual([]);
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; .*frame-ancestors 'none'$/,
      );
      expect(headers.get('content-security-policy')).not.toContain('script-src');
    }
  });
});

describe('the HTML part of a message', () => {
  it('is shown in a sandboxed frame, whose answer lets nothing in it run or ask', async () => {
    await mail.send({ subject: 'html', text: 'words', html: `<p>Hello</p><script>alert(1)</script>` });
    const id = await idOf('subject=html');
    const shown = await mail.get(`/messages/${id}`, browser);
    expect(elements(shown.text)).toEqual([`<iframe sandbox title="HTML part" src="/messages/${id}/html">`]);
    expect(shown.text).not.toContain('<p>Hello');
    const part = await mail.get(`/messages/${id}/html`);
    expect(part.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(part.text).toContain('<p>Hello</p>');
    const policy = part.headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining(['sandbox', "default-src 'none'", 'img-src data:', "form-action 'none'"]),
    );
    expect(policy).not.toMatch(/script|allow-/);
    expect(part.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('is a 404 where there is none, and the page then has no frame', async () => {
    await mail.send({ subject: 'text only', text: 'words' });
    const id = await idOf('subject=only');
    const part = await mail.get(`/messages/${id}/html`);
    expect(part).toMatchObject({ status: 404, body: { type: 'urn:shop:problem:no-html' } });
    judge('GET /messages/{id}/html', part);
    expect((await mail.get(`/messages/${id}`, browser)).text).not.toContain('<iframe');
  });
});

it('answers a browser that asks for an unknown message with a problem', async () => {
  const answered = await mail.get('/messages/nothing', browser);
  expect(answered).toMatchObject({ status: 404, body: { type: 'urn:shop:problem:unknown-message' } });
});

it('counts pages under the same endpoints as answers', async () => {
  await mail.get('/', browser);
  expect((await mail.get('/metrics')).text).toMatch(
    /http_requests_total\{method="GET",endpoint="\/",status="200"\}/,
  );
});
