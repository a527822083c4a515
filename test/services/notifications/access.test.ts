import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { type Issuer, startIssuer } from '../issue-token.ts';
import { judgeOf } from '../judge.ts';
import { startNotifications } from './start-notifications.ts';

const judge = judgeOf('notifications');
type Headers = Record<string, string>;

let issuer: Issuer;
let notifications: Awaited<ReturnType<typeof startNotifications>>;
let alice: Headers;
let support: Headers;
let admin: Headers;
let service: Headers;
let ofAlice: string;
beforeAll(async () => {
  issuer = await startIssuer();
  notifications = await startNotifications(1, { auth: issuer.auth });
  alice = await issuer.asUser('1');
  support = await issuer.asUser('5', 'support');
  admin = await issuer.asUser('4', 'admin');
  service = await issuer.asService('orders');
  ofAlice = await create('1');
  await create('2');
});
afterAll(async () => {
  await notifications.stop();
  await issuer.stop();
});

const sms = { type: 'sms', recipient: '+491701234567', template: 'shipping', data: { order_id: '1' } };

async function create(user_id: string): Promise<string> {
  const answered = await ask('POST', `${notifications.url}/notifications`, {
    body: { ...sms, user_id },
    headers: service,
  });
  expect(answered.status, answered.text).toBe(202);
  return `${answered.body['id']}`;
}

const get = (path: string, headers: Headers = {}) => ask('GET', `${notifications.url}${path}`, { headers });
const usersIn = ({ text }: { text: string }) =>
  JSON.parse(text).notifications.map(({ user_id }: { user_id: string }) => user_id);

describe('customers', () => {
  it('see their own notifications and nobody else’s', async () => {
    const listed = await get('/notifications', alice);
    judge('GET /notifications', listed);
    expect(usersIn(listed)).toEqual(['1']);
    expect((await get(`/notifications/${ofAlice}`, alice)).status).toBe(200);
    const bob = await issuer.asUser('2');
    const refused = await get(`/notifications/${ofAlice}`, bob);
    expect(refused.status).toBe(403);
    judge('GET /notifications/{id}', refused);
    expect((await get('/notifications?user_id=2', alice)).status).toBe(403);
  });

  it('neither tell anybody anything nor see or change templates', async () => {
    const send = (method: string, path: string, body?: object) =>
      ask(method, `${notifications.url}${path}`, { headers: alice, ...(body === undefined ? {} : { body }) });
    const channels = { sms: { text: 'x' } };
    const statuses = await Promise.all([
      send('POST', '/notifications', { ...sms, user_id: '1' }),
      send('POST', `/notifications/${ofAlice}/retry`),
      send('GET', '/templates'),
      send('GET', '/templates/shipping'),
      send('POST', '/templates', { id: 'mine', channels }),
      send('PUT', '/templates/shipping', { channels }),
      send('DELETE', '/templates/shipping'),
      send('POST', '/templates/shipping/preview', { type: 'sms', data: {} }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual(statuses.map(() => 403));
  });
});

it('support sees everybody’s notifications and templates, but does not change templates', async () => {
  expect(usersIn(await get('/notifications', support))).toEqual(['1', '2']);
  expect(usersIn(await get('/notifications?user_id=2&type=sms', support))).toEqual(['2']);
  expect((await get('/templates', support)).body).toMatchObject({ total: 4 });
  const refused = await ask('DELETE', `${notifications.url}/templates/shipping`, { headers: support });
  expect(refused.status).toBe(403);
  judge('DELETE /templates/{id}', refused);
});

it('admins change templates', async () => {
  const body = { id: 'by-admin', channels: { sms: { text: 'Hi' } } };
  expect((await ask('POST', `${notifications.url}/templates`, { body, headers: admin })).status).toBe(201);
});

it('nobody gets in without a token', async () => {
  for (const path of ['/notifications', '/templates', `/notifications/${ofAlice}`]) {
    expect((await get(path)).status).toBe(401);
  }
});
