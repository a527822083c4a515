import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../services/kit/index.ts';
import { notificationMigrations } from '../../../services/notifications/store.ts';
import { ask } from '../ask.ts';
import { judgeOf } from '../judge.ts';
import { temporaryFolder } from '../start-service.ts';
import { email, startNotifications } from './start-notifications.ts';

const judge = judgeOf('notifications');
let notifications: Awaited<ReturnType<typeof startNotifications>>;
beforeAll(async () => {
  notifications = await startNotifications(1);
});
afterAll(async () => {
  await notifications.stop();
});

const send = (method: string, path: string, body?: object) =>
  ask(method, `${notifications.url}${path}`, body === undefined ? {} : { body });

it('the shop’s own templates are there from the first start, each for every channel', async () => {
  const answered = await send('GET', '/templates');
  judge('GET /templates', answered);
  const { templates } = JSON.parse(answered.text);
  expect(templates.map(({ id }: { id: string }) => id)).toEqual([
    'order-received',
    'order-confirmed',
    'refund',
    'shipping',
  ]);
  const data = { order_id: 'A1', total: '1.00', amount: '1.00' };
  for (const { id } of templates) {
    for (const type of ['email', 'sms', 'push']) {
      const preview = await send('POST', `/templates/${id}/preview`, { type, data });
      expect(preview.status, preview.text).toBe(200);
      expect(preview.text).toContain('A1');
      judge('POST /templates/{id}/preview', preview);
    }
  }
});

describe('a template', () => {
  it('is made, read, changed and removed', async () => {
    const channels = { email: { subject: 'Hi {{name}}', text: 'Hi!' } };
    const created = await send('POST', '/templates', { id: 'hello', channels });
    expect(created).toMatchObject({ status: 201, body: { id: 'hello', description: '', channels } });
    expect((await send('GET', '/templates/hello')).body).toEqual(created.body);
    const changed = await send('PUT', '/templates/hello', {
      description: 'new',
      channels: { sms: { text: 'Yo' } },
    });
    expect(changed).toMatchObject({
      status: 200,
      body: { description: 'new', channels: { sms: { text: 'Yo' } } },
    });
    expect(changed.body['channels']).not.toHaveProperty('email');
    expect((await send('DELETE', '/templates/hello')).status).toBe(200);
    for (const [method, body] of [['GET'], ['DELETE'], ['PUT', { channels }]] as const) {
      const gone = await send(method, '/templates/hello', body);
      expect(gone).toMatchObject({ status: 404, body: { type: 'urn:shop:problem:unknown-template' } });
    }
  });

  it('that changes or goes changes nothing of what was made from it', async () => {
    await send('POST', '/templates', {
      id: 'fleeting',
      channels: { email: { subject: 'S', text: 'first text' } },
    });
    const { body } = await notifications.create({ ...email, template: 'fleeting', data: {} });
    await send('PUT', '/templates/fleeting', { channels: { email: { subject: 'S', text: 'second text' } } });
    await send('DELETE', '/templates/fleeting');
    expect((await send('GET', `/notifications/${body['id']}`)).body).toMatchObject({
      template: 'fleeting',
      content: { subject: 'S', text: 'first text' },
    });
  });

  it('names all data that it lacks', async () => {
    const preview = await send('POST', '/templates/order-received/preview', {
      type: 'email',
      data: { x: 1 },
    });
    expect(preview).toMatchObject({
      status: 422,
      body: { type: 'urn:shop:problem:template-data-missing', missing: ['order_id', 'total'] },
    });
    judge('POST /templates/{id}/preview', preview);
  });

  it.each([
    [{ id: 'x', channels: { sms: { text: '{{a' } } }, '#/channels/sms/text'],
    [{ id: 'x', channels: { email: { subject: '}}', text: 'x', html: '{{ }}' } } }, '#/channels/email/html'],
    [{ id: 'x', channels: { email: { subject: 'two\nlines', text: 'x' } } }, '#/channels/email/subject'],
    [{ id: 'x', channels: { email: { text: 'x' } } }, '#/channels/email/subject'],
    [{ id: 'x', channels: { sms: { text: 'x', subject: 'x' } } }, '#/channels/sms/subject'],
    [{ id: 'x', channels: { fax: { text: 'x' } } }, '#/channels/fax'],
    [{ id: 'x', channels: {} }, '#/channels'],
    [{ id: 'Not An Id', channels: { sms: { text: 'x' } } }, '#/id'],
    [{ id: 'x', channels: { sms: { text: 'x'.repeat(20_001) } } }, '#/channels/sms/text'],
    [{ id: 'x' }, '#/channels'],
  ])('is refused as %j, with its place', async (body, pointer) => {
    const answered = await send('POST', '/templates', body);
    expect(answered.status).toBe(400);
    judge('POST /templates', answered);
    expect(JSON.stringify(answered.body['errors'])).toContain(`"${pointer}"`);
    expect((await send('GET', '/templates/x')).status).toBe(404);
  });
});

describe('a notification', () => {
  it.each([
    ['email', 'alice'],
    ['email', 'alice@example.com, bob@example.com'],
    ['email', 'Alice <alice@example.com>'],
    ['email', `${'a'.repeat(65)}@example.com`],
    ['sms', 'alice@example.com'],
    ['sms', '12'],
    ['push', 'two words'],
    ['push', 'x\r\nBcc: y'],
  ])('by %s cannot go to %j', async (type, recipient) => {
    const answered = await notifications.create({ ...email, type, recipient });
    expect(answered.status).toBe(400);
    judge('POST /notifications', answered);
    expect(JSON.stringify(answered.body['errors'])).toContain('"#/recipient"');
  });

  it.each([
    [{ data: { order_id: { deep: 1 } } }, '#/data/order_id'],
    [{ data: { order_id: null } }, '#/data/order_id'],
    [{ data: { 'not a name': 1 } }, '#/data'],
    [{ data: { order_id: 'x'.repeat(2_001) } }, '#/data/order_id'],
    [{ data: [] }, '#/data'],
    [{ type: 'pigeon' }, '#/type'],
    [{ user_id: 1.5 }, '#/user_id'],
    [{ template: '../x' }, '#/template'],
    [{ more: 1 }, '#/more'],
  ])('is refused with %j, with its place', async (change, pointer) => {
    const answered = await notifications.create({ ...email, ...change });
    expect(answered.status).toBe(400);
    judge('POST /notifications', answered);
    expect(JSON.stringify(answered.body['errors'])).toContain(`"${pointer}`);
  });

  it('leaves nothing behind where its template lacks data', async () => {
    const before = (await send('GET', '/notifications')).body['total'];
    expect((await notifications.create({ ...email, data: {} })).status).toBe(422);
    expect((await send('GET', '/notifications')).body['total']).toBe(before);
  });
});

it('templates that were changed stay so after a restart', async () => {
  const folder = await temporaryFolder();
  const first = await startNotifications(1, { folder });
  await ask('DELETE', `${first.url}/templates/refund`);
  await first.stop();
  const second = await startNotifications(1, { folder });
  try {
    expect((await ask('GET', `${second.url}/templates/refund`)).status).toBe(404);
    expect((await ask('GET', `${second.url}/templates`)).body['total']).toBe(3);
  } finally {
    await second.stop();
  }
});

it('a database from before there were events gets the templates that events are told with', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'notifications.db');
  const [first, ...later] = notificationMigrations;
  const before = await openStore({ file, migrations: first === undefined ? [] : [first] });
  const facts = { description: '', channels: '{}', created_at: '2026-01-01', updated_at: '2026-01-01' };
  await before.read('templates').insert({ id: 'shipping', ...facts });
  await before.close();
  expect(later).not.toEqual([]);
  const store = await openStore({ file, migrations: notificationMigrations });
  onTestFinished(store.close);
  expect(await store.read('templates').orderBy('seq').pluck('id')).toEqual([
    'shipping',
    'order-received',
    'order-confirmed',
  ]);
});
