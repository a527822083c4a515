import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { type Issuer, startIssuer } from '../issue-token.ts';
import { judgeOf } from '../judge.ts';
import type { RunningService } from '../start-service.ts';
import { startAnalytics } from './start-analytics.ts';

const judge = judgeOf('analytics');
type Headers = Record<string, string>;

let issuer: Issuer;
let analytics: RunningService;
let alice: Headers;
let support: Headers;
let admin: Headers;
beforeAll(async () => {
  issuer = await startIssuer();
  analytics = await startAnalytics({ auth: issuer.auth });
  alice = await issuer.asUser('1');
  support = await issuer.asUser('5', 'support');
  admin = await issuer.asUser('4', 'admin');
});
afterAll(async () => {
  await analytics.stop();
  await issuer.stop();
});

const get = (path: string, headers: Headers = {}) => ask('GET', `${analytics.url}${path}`, { headers });
const staffOnly = ['/metrics/orders', '/metrics/orders/o1', '/revenue', '/history', '/live'];

it.each(staffOnly)('%s is for support and admins, and no customer’s business', async (path) => {
  expect((await get(path)).status).toBe(401);
  const refused = await get(path, alice);
  expect(refused.status).toBe(403);
  judge(`GET ${path.replace('o1', '{order_id}')}`, refused);
  expect([200, 404, 426]).toContain((await get(path, support)).status);
});

it('customers see how they behave, and nobody else', async () => {
  expect((await get('/behavior')).status).toBe(401);
  expect((await get('/behavior', alice)).status).toBe(200);
  expect((await get('/behavior?user_id=1', alice)).status).toBe(200);
  expect((await get('/behavior?user_id=2', alice)).status).toBe(403);
  expect((await get('/behavior?user_id=2', support)).status).toBe(200);
});

it('only admins have the projections made anew', async () => {
  const rebuild = (headers: Headers) => ask('POST', `${analytics.url}/rebuild`, { headers });
  expect((await rebuild({})).status).toBe(401);
  expect((await rebuild(alice)).status).toBe(403);
  expect((await rebuild(support)).status).toBe(403);
  expect((await rebuild(admin)).status).toBe(200);
});
