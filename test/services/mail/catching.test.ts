import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { judgeOf } from '../judge.ts';
import { startMail } from './start-mail.ts';

const judge = judgeOf('mail');
let mail: Awaited<ReturnType<typeof startMail>>;
beforeAll(async () => {
  mail = await startMail();
});
afterAll(async () => {
  await mail.stop();
});
beforeEach(async () => {
  await ask('DELETE', `${mail.url}/messages`);
});

const first = async (query?: string) => `${(await mail.list(query))[0]?.['id']}`;

describe('a message that was sent', () => {
  it('is listed with its sender, its recipients and its subject', async () => {
    await mail.send({ from: 'Shop <shop@example.com>', subject: 'Your order', text: 'Thank you.' });
    const answered = await mail.get('/messages');
    judge('GET /messages', answered);
    expect(answered.body).toMatchObject({
      total: 1,
      messages: [
        {
          from: '"Shop" <shop@example.com>',
          to: ['alice@example.com'],
          subject: 'Your order',
          copies: 1,
          message_id: expect.stringMatching(/^<.+>$/),
        },
      ],
    });
  });

  it('has its text, its HTML, its headers and what is attached', async () => {
    await mail.send({
      subject: 'Receipt',
      text: 'plain words',
      html: '<b>bold words</b>',
      headers: { 'X-Order': '42' },
      attachments: [
        { filename: 'receipt.pdf', content: Buffer.alloc(3_000, 1), contentType: 'application/pdf' },
      ],
    });
    const answered = await mail.get(`/messages/${await first()}`);
    judge('GET /messages/{id}', answered);
    expect(answered.body).toMatchObject({
      text: 'plain words',
      html: '<b>bold words</b>',
      envelope_from: 'shop@example.com',
      attachments: [{ filename: 'receipt.pdf', content_type: 'application/pdf', size: 3_000 }],
    });
    expect(answered.body['headers']).toContainEqual({ name: 'X-Order', value: '42' });
  });

  it('is decoded where it is not ASCII, in its headers, its names and its text', async () => {
    await mail.send({
      from: '"Grüße & Söhne" <shop@example.com>',
      to: 'Łukasz <lukasz@example.com>',
      subject: 'Größe 42 – 注文 ✅',
      text: 'Straße, 東京, 🎉',
      attachments: [{ filename: 'Rechnung für März.txt', content: 'x' }],
    });
    const { body } = await mail.get(`/messages/${await first()}`);
    expect(body).toMatchObject({
      from: '"Grüße & Söhne" <shop@example.com>',
      subject: 'Größe 42 – 注文 ✅',
      text: 'Straße, 東京, 🎉',
      attachments: [{ filename: 'Rechnung für März.txt' }],
    });
    expect(body['headers']).toContainEqual({ name: 'To', value: '"Łukasz" <lukasz@example.com>' });
  });

  it('is there byte by byte as a file', async () => {
    const raw =
      'From: a@example.com\r\nSubject: raw\r\nMessage-ID: <raw@example.com>\r\n\r\nas it is: \xe4\r\n..dots\r\n';
    await mail.send({
      envelope: { from: 'a@example.com', to: 'b@example.com' },
      raw: Buffer.from(raw, 'latin1'),
    });
    const response = await fetch(`${mail.url}/messages/${await first()}/raw`);
    expect(response.headers.get('content-type')).toBe('message/rfc822');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="\d+\.eml"$/);
    expect(Buffer.from(await response.arrayBuffer()).toString('latin1')).toBe(raw);
  });

  it('names those who are in no header as recipients too', async () => {
    await mail.send({ to: 'alice@example.com', bcc: 'boss@example.com', subject: 'for two' });
    expect(await mail.list('to=boss')).toMatchObject([{ to: ['alice@example.com', 'boss@example.com'] }]);
    expect((await mail.get(`/messages/${await first()}/raw`)).text).not.toContain('boss');
  });

  it('is counted, not kept again, when a copy of it comes', async () => {
    const twice = { messageId: '<order-7@example.com>', subject: 'Order 7', text: 'once' };
    await mail.send(twice);
    await mail.send({ ...twice, date: new Date(0) });
    expect(await mail.list()).toMatchObject([{ subject: 'Order 7', copies: 2 }]);
    await mail.send({ ...twice, text: 'another text' });
    await mail.send({ ...twice, to: 'bob@example.com' });
    expect((await mail.list()).map(({ copies }) => copies)).toEqual([1, 1, 2]);
  });
});

describe('the list', () => {
  it('has the newest first, page by page', async () => {
    for (const subject of ['one', 'two', 'three']) await mail.send({ subject });
    expect((await mail.list()).map(({ subject }) => subject)).toEqual(['three', 'two', 'one']);
    const { body } = await mail.get('/messages?limit=1&offset=1');
    expect(body).toMatchObject({ messages: [{ subject: 'two' }], total: 3, limit: 1, offset: 1 });
  });

  it('is searched in any case, also beyond ASCII, and takes "%" and "_" for themselves', async () => {
    await mail.send({
      from: 'Zoë <zoe@example.com>',
      to: 'a@example.com',
      subject: 'ÄPFEL 100%',
      text: 'red_ones',
    });
    await mail.send({ from: 'bob@example.com', to: 'b@example.com', subject: 'Pears', text: 'green ones' });
    const found = async (query: string) => (await mail.list(query)).map(({ subject }) => subject);
    expect(await found('subject=%C3%A4pfel')).toEqual(['ÄPFEL 100%']);
    expect(await found('from=ZO%C3%8B')).toEqual(['ÄPFEL 100%']);
    expect(await found('to=B@EXAMPLE')).toEqual(['Pears']);
    expect(await found('q=green')).toEqual(['Pears']);
    expect(await found('q=100%25')).toEqual(['ÄPFEL 100%']);
    expect(await found('q=d_o')).toEqual(['ÄPFEL 100%']);
    expect(await found('q=%25r')).toEqual([]);
    expect(await found(`q=${encodeURIComponent("' or 1=1 --")}`)).toEqual([]);
    expect(await found('q=ones&subject=pears')).toEqual(['Pears']);
  });

  it.each(['q=', 'limit=0', 'limit=501', 'offset=-1', 'nonsense=1', `q=${'x'.repeat(201)}`, 'q=%00'])(
    'refuses %s',
    async (query) => {
      const answered = await mail.get(`/messages?${query}`);
      expect(answered.status).toBe(400);
      judge('GET /messages', answered);
    },
  );
});

describe('forgetting', () => {
  it('takes one message or all of them', async () => {
    for (const subject of ['one', 'two', 'three']) await mail.send({ subject });
    const url = `${mail.url}/messages/${await first('subject=two')}`;
    const gone = await ask('DELETE', url);
    judge('DELETE /messages/{id}', gone);
    expect((await mail.list()).map(({ subject }) => subject)).toEqual(['three', 'one']);
    const again = await ask('DELETE', url);
    expect(again.status).toBe(404);
    judge('DELETE /messages/{id}', again);
    const all = await ask('DELETE', `${mail.url}/messages`);
    judge('DELETE /messages', all);
    expect(all.body).toEqual({ deleted: 2 });
    expect(await mail.list()).toEqual([]);
  });

  it.each(['', '/raw', '/html'])('leaves a 404 at /messages/{id}%s', async (suffix) => {
    const answered = await mail.get(`/messages/nothing${suffix}`);
    expect(answered).toMatchObject({ status: 404, body: { type: 'urn:shop:problem:unknown-message' } });
    judge(`GET /messages/{id}${suffix}`, answered);
  });

  it('drops the oldest when there are too many', async () => {
    const small = await startMail({ settings: { KEEP_MESSAGES: '2' } });
    try {
      for (const subject of ['one', 'two', 'three', 'four']) await small.send({ subject });
      expect((await small.list()).map(({ subject }) => subject)).toEqual(['four', 'three']);
    } finally {
      await small.stop();
    }
  });
});

it('logs no address and no subject', async () => {
  await mail.send({ to: 'secret-person@example.com', subject: 'a secret matter' });
  expect(mail.logText()).toContain('message caught');
  expect(mail.logText()).not.toMatch(/secret-person|secret matter/);
});
