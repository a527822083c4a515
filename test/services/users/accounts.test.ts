import { describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { startIssuer } from '../issue-token.ts';
import { startUsers } from '../start-shop.ts';
import { startAccounts } from './start-accounts.ts';

describe('signing in', () => {
  it('gives tokens that the shop takes, and the user without the password', async () => {
    const { users, validate } = await startAccounts();
    const body = { username: 'test', password: 'test' };
    const answered = await ask('POST', `${users.url}/login`, { body });
    expect(answered.status, answered.text).toBe(200);
    expect(answered.headers.get('cache-control')).toBe('no-store');
    expect(answered.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 900,
      user: { id: 'test_user_001', username: 'test', roles: ['customer'], balance: '250.00' },
    });
    expect(answered.text).not.toMatch(/scrypt|password/);
    expect(await validate(String(answered.body['access_token']))).toBe(true);
  });

  it.each([
    ['a wrong password', 'alice', 'wrong'],
    ['the password of another user', 'alice', 'bob'],
    ['an unknown user', 'nobody', 'alice'],
    ['a username in other letters', 'ALICE', 'alice'],
    ['SQL as username', "alice' --", 'alice'],
    ['SQL as password', 'alice', "' OR '1'='1"],
    ['a hash as password', 'alice', 'scrypt$10$8$1$AA$AA'],
  ])('is refused with %s, always in the same words', async (_title, username, password) => {
    const { users } = await startAccounts();
    const answered = await ask('POST', `${users.url}/login`, { body: { username, password } });
    expect(answered.status).toBe(401);
    expect(answered.body).toMatchObject({
      type: 'urn:shop:problem:wrong-credentials',
      detail: 'There is no user with this username and this password.',
    });
    expect(answered.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is not possible for a user who has no password', async () => {
    const { users, as, signIn } = await startAccounts();
    const body = { username: 'dana', email: 'dana@example.com' };
    expect((await as(await signIn('admin'), 'POST', '/api/users', body)).status).toBe(201);
    for (const password of ['dana', 'null', 'undefined']) {
      const answered = await ask('POST', `${users.url}/login`, { body: { username: 'dana', password } });
      expect(answered.status).toBe(401);
    }
  });

  it('waits for the auth service: 503 and come again when that is away', async () => {
    const issuer = await startIssuer();
    await issuer.stop();
    const users = await startUsers({ auth: issuer.auth });
    onTestFinished(users.stop);
    const body = { username: 'alice', password: 'alice' };
    const answered = await ask('POST', `${users.url}/login`, { body });
    expect(answered.status).toBe(503);
    expect(answered.headers.get('retry-after')).toBe('1');
    expect((await ask('GET', `${users.url}/health`)).body).toMatchObject({
      status: 'degraded',
      dependencies: { auth: 'unavailable' },
    });
  });

  it('says 503 where no tokens are in use, and when auth does not know the secret', async () => {
    const { auth } = await startAccounts();
    const settings = { SEED_USERS: 'balances', PASSWORD_COST: '10' };
    const body = { username: 'alice', password: 'alice' };
    for (const other of [undefined, { url: auth.url, secret: 'not-the-secret-of-this-shop' }]) {
      const users = await startUsers({ auth: other, settings });
      onTestFinished(users.stop);
      const answered = await ask('POST', `${users.url}/login`, { body });
      expect(answered.status).toBe(503);
      expect(answered.body).toMatchObject({ type: 'urn:shop:problem:auth-unavailable' });
    }
  });
});

describe('registering', () => {
  const account = { username: 'erin', password: 'correct horse battery', email: 'erin@example.com' };

  it('makes a customer with a balance of zero who can sign in', async () => {
    const { users, signIn, as } = await startAccounts();
    const body = { ...account, first_name: 'Erin', phone: '+15550100' };
    const answered = await ask('POST', `${users.url}/register`, { body });
    expect(answered.status, answered.text).toBe(201);
    expect(answered.headers.get('location')).toBe(`/api/users/${answered.body['id']}`);
    expect(answered.body).toMatchObject({
      username: 'erin',
      first_name: 'Erin',
      last_name: null,
      roles: ['customer'],
      balance: '0.00',
    });
    const erin = await signIn('erin', account.password);
    expect((await as(erin, 'GET', '/profile')).body).toEqual(answered.body);
  });

  it.each([
    ['roles', { roles: ['admin'] }],
    ['a balance', { balance: '1000.00' }],
    ['an id', { id: '1' }],
    ['a password with a control character', { password: 'correct\u0000horse' }],
    ['a password of a thousand characters', { password: 'x'.repeat(1_000) }],
    ['a username with a blank', { username: 'er in' }],
  ])('cannot choose %s', async (_title, more) => {
    const { users, signIn } = await startAccounts();
    const answered = await ask('POST', `${users.url}/register`, { body: { ...account, ...more } });
    expect(answered.status).toBe(400);
    expect((await signIn('erin', account.password)).access_token).toBe('undefined');
  });

  it('gives a username to one of many who ask for it at once', async () => {
    const { users } = await startAccounts();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => ask('POST', `${users.url}/register`, { body: account })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  it('takes the same password typed as other code points', async () => {
    const { users, validate, signIn } = await startAccounts();
    const body = { ...account, password: 'caf\u00e9 au lait' };
    expect((await ask('POST', `${users.url}/register`, { body })).status).toBe(201);
    const erin = await signIn('erin', 'cafe\u0301 au lait');
    expect(await validate(erin.access_token)).toBe(true);
  });
});

describe('the profile', () => {
  it('changes in what is given, for its owner alone', async () => {
    const { signIn, as } = await startAccounts();
    const [alice, bob] = [await signIn('alice'), await signIn('bob')];
    const bobsBefore = (await as(bob, 'GET', '/profile')).body;
    const first = await as(alice, 'PUT', '/profile', { first_name: 'Alice', phone: '+1 555 0100' });
    expect(first.body).toMatchObject({ id: '1', first_name: 'Alice', phone: '+1 555 0100' });
    const second = await as(alice, 'PUT', '/profile', { phone: null, email: 'a@example.com' });
    expect(second.body).toMatchObject({ first_name: 'Alice', phone: null, email: 'a@example.com' });
    expect((await as(alice, 'GET', '/profile')).body).toEqual(second.body);
    const { created_at, updated_at } = second.body;
    expect(Date.parse(String(updated_at))).toBeGreaterThan(Date.parse(String(created_at)));
    // What is so already is no change.
    expect((await as(alice, 'PUT', '/profile', { phone: null })).body).toEqual(second.body);
    expect((await as(bob, 'GET', '/profile')).body).toEqual(bobsBefore);
  });

  it.each([
    {},
    { username: 'root' },
    { roles: ['admin'] },
    { balance: '1000.00' },
    { password: 'x'.repeat(10) },
    { id: '2' },
    { email: 'nonsense' },
    { email: null },
    { phone: 'call me' },
    { first_name: '' },
  ])('refuses the change %j and stays as it is', async (change) => {
    const { signIn, as } = await startAccounts();
    const alice = await signIn('alice');
    const before = (await as(alice, 'GET', '/profile')).body;
    const answered = await as(alice, 'PUT', '/profile', change);
    expect(answered.status).toBe(400);
    expect((await as(alice, 'GET', '/profile')).body).toEqual(before);
  });

  it('is for users: a service has none', async () => {
    const issuer = await startIssuer();
    const users = await startUsers({ auth: issuer.auth });
    onTestFinished(async () => {
      await users.stop();
      await issuer.stop();
    });
    const service = await ask('GET', `${users.url}/profile`, { headers: await issuer.asService('orders') });
    expect(service.status).toBe(403);
    const gone = await ask('GET', `${users.url}/profile`, { headers: await issuer.asUser('gone') });
    expect(gone.status).toBe(404);
  });
});

it('passwords and tokens never reach the log', async () => {
  const { users, auth, signIn, as } = await startAccounts();
  const alice = await signIn('alice', 'a-wrong-password');
  const test = await signIn('test');
  const body = { username: 'erin', password: 'a-new-password', email: 'erin@example.com' };
  await ask('POST', `${users.url}/register`, { body });
  await ask('POST', `${users.url}/register`, { body });
  await as(test, 'GET', '/sessions');
  await as(alice, 'GET', '/profile');
  const logs = users.logText() + auth.logText();
  expect(logs).toContain('/register');
  const secrets = [
    'a-wrong-password',
    'a-new-password',
    test.access_token,
    test.refresh_token,
    'erin@example.com',
    'scrypt',
  ];
  for (const secret of secrets) expect(logs).not.toContain(secret);
});
