import { describe, expect, it } from 'vitest';
import { ask } from '../ask.ts';
import { basic } from '../auth/sign-in.ts';
import { type AccountShop, startAccounts } from './start-accounts.ts';

const balance = { operation: 'credit', amount: '1.00' };
const dana = { username: 'dana', email: 'dana@example.com' };

/** What each role gets; "own" is alice as customer, and every path is about her, user 1. */
const table: [string, string, object | undefined, Record<string, number>][] = [
  [
    'GET',
    '/api/users',
    undefined,
    { nobody: 401, own: 403, other: 403, support: 200, admin: 200, service: 200 },
  ],
  ['POST', '/api/users', dana, { nobody: 401, own: 403, other: 403, support: 403, admin: 201, service: 403 }],
  [
    'GET',
    '/api/users/1',
    undefined,
    { nobody: 401, own: 200, other: 403, support: 200, admin: 200, service: 200 },
  ],
  [
    'GET',
    '/api/users/1/balance',
    undefined,
    { nobody: 401, own: 200, other: 403, support: 200, admin: 200, service: 200 },
  ],
  [
    'POST',
    '/api/users/1/balance',
    balance,
    { nobody: 401, own: 403, other: 403, support: 403, admin: 200, service: 200 },
  ],
  [
    'PUT',
    '/api/users/10/roles',
    { roles: ['support'] },
    { nobody: 401, own: 403, other: 403, support: 403, admin: 200, service: 403 },
  ],
  [
    'GET',
    '/profile',
    undefined,
    { nobody: 401, own: 200, other: 200, support: 200, admin: 200, service: 403 },
  ],
  [
    'GET',
    '/sessions',
    undefined,
    { nobody: 401, own: 200, other: 200, support: 200, admin: 200, service: 403 },
  ],
];

const usernames: Record<string, string> = { own: 'alice', other: 'bob', support: 'support', admin: 'admin' };

async function tokenOf(shop: AccountShop, role: string): Promise<string | undefined> {
  if (role === 'nobody') return undefined;
  const username = usernames[role];
  if (username !== undefined) return (await shop.signIn(username)).access_token;
  const question = { body: { grant: 'service' }, headers: basic('payments') };
  const { body } = await ask('POST', `${shop.auth.url}/internal/create-token`, question);
  return String(body['access_token']);
}

it.each(table)('%s %s with %j answers each role as the table says', async (method, path, body, expected) => {
  const shop = await startAccounts();
  const statuses: Record<string, number> = {};
  for (const role of Object.keys(expected)) {
    const token = await tokenOf(shop, role);
    const answered = await ask(method, `${shop.users.url}${path}`, {
      ...(body === undefined ? {} : { body }),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    if (answered.status === 403) expect(answered.body).toMatchObject({ type: 'urn:shop:problem:forbidden' });
    if (answered.status === 401)
      expect(answered.body).toMatchObject({ type: 'urn:shop:problem:unauthenticated' });
    statuses[role] = answered.status;
  }
  expect(statuses).toEqual(expected);
});

it('a change of balance that is forbidden changes nothing', async () => {
  const { signIn, as } = await startAccounts();
  const alice = await signIn('alice');
  expect((await as(alice, 'POST', '/api/users/1/balance', balance)).status).toBe(403);
  expect((await as(alice, 'GET', '/api/users/1/balance')).body).toEqual({ user_id: '1', balance: '500.00' });
});

describe('new roles', () => {
  it('end the sessions that have the old ones, and hold from the next login', async () => {
    const { signIn, as, auth } = await startAccounts();
    const admin = await signIn('admin');
    const bob = await signIn('bob');
    expect((await as(bob, 'GET', '/api/users')).status).toBe(403);
    const changed = await as(admin, 'PUT', '/api/users/2/roles', { roles: ['customer', 'support'] });
    expect(changed.body).toMatchObject({ id: '2', roles: ['customer', 'support'] });
    expect((await as(bob, 'GET', '/profile')).status).toBe(401);
    const refreshed = await ask('POST', `${auth.url}/refresh`, {
      body: { refresh_token: bob.refresh_token },
    });
    expect(refreshed.status).toBe(401);
    expect((await as(await signIn('bob'), 'GET', '/api/users')).status).toBe(200);
  });

  it.each([[[]], [['service']], [['root']], [['admin', 'admin']], ['admin']])(
    'cannot be %j',
    async (roles) => {
      const { signIn, as } = await startAccounts();
      const admin = await signIn('admin');
      expect((await as(admin, 'PUT', '/api/users/2/roles', { roles })).status).toBe(400);
    },
  );
});

describe('sessions', () => {
  it('are listed for their owner, who can end each of them', async () => {
    const { signIn, as, validate } = await startAccounts();
    const [phone, laptop, bob] = [await signIn('alice'), await signIn('alice'), await signIn('bob')];
    const listed = await as(laptop, 'GET', '/sessions');
    expect(listed.body).toMatchObject({
      total: 2,
      sessions: [
        { id: phone.session_id, is_current: false, ended_at: null },
        { id: laptop.session_id, is_current: true, ended_at: null },
      ],
    });
    const ended = await as(laptop, 'DELETE', `/sessions/${phone.session_id}`);
    expect(ended.body).toEqual({ session_id: phone.session_id, status: 'ended' });
    expect(await validate(phone.access_token)).toBe(false);
    expect((await as(phone, 'GET', '/profile')).status).toBe(401);
    expect((await as(laptop, 'GET', '/profile')).status).toBe(200);
    expect((await as(laptop, 'DELETE', `/sessions/${bob.session_id}`)).status).toBe(404);
    expect((await as(bob, 'GET', '/profile')).status).toBe(200);
    expect((await as(bob, 'DELETE', '/sessions/nonsense')).status).toBe(400);
  });

  it('end by a logout at auth, at once and everywhere', async () => {
    const { signIn, as, auth } = await startAccounts();
    const alice = await signIn('alice');
    await ask('POST', `${auth.url}/logout`, { body: { token: alice.access_token } });
    expect((await as(alice, 'GET', '/profile')).status).toBe(401);
  });
});
