import { randomUUID } from 'node:crypto';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ask } from '../ask.ts';
import { startFlakyProxy } from '../flaky-proxy.ts';
import { openBroker, patience } from '../kit/bus/broker.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import { startAuth, startUsers, testSecret } from '../start-shop.ts';
import { signIn, type Tokens, tokensOf } from './sign-in.ts';

const bearer = ({ access_token }: Tokens) => ({ authorization: `Bearer ${access_token}` });

/** Auth on the broker, with events that another users service might have published. */
async function startInformed() {
  const broker = await openBroker();
  const auth = await startAuth({ bus: broker.settings });
  onTestFinished(auth.stop);
  const { name, dead } = broker.topology.queue('auth.user.created');
  const metrics = async () => (await ask('GET', `${auth.url}/metrics`)).text;
  await vi.waitFor(async () => expect(await metrics()).toMatch(/^broker_connected 1$/m), patience);
  let handled = 0;
  return {
    broker,
    auth,
    dead,
    send: (event: object) => broker.send(name, JSON.stringify({ ...envelope(), ...event })),
    /** That many more were handled with an effect. */
    untilHandled: async (count: number) => {
      handled += count;
      const wanted = `events_consumed_total{queue="${name}",outcome="done"} ${handled}\n`;
      await vi.waitFor(async () => expect(await metrics()).toContain(wanted), patience);
    },
    isValid: async ({ access_token }: Tokens) =>
      (await ask('POST', `${auth.url}/validate`, { body: { token: access_token } })).body['valid'],
    refresh: async ({ refresh_token }: Tokens) =>
      await ask('POST', `${auth.url}/refresh`, { body: { refresh_token } }),
  };
}

const envelope = () => ({
  specversion: '1.0',
  id: randomUUID(),
  type: 'user.updated',
  source: '/users',
  time: '2026-01-01T12:00:00.000Z',
  subject: '2',
  datacontenttype: 'application/json',
  data: data(['customer', 'support']),
});

function data(roles: unknown) {
  return { user_id: '2', username: 'bob', email: 'bob@example.com', roles };
}

describeWithBroker('news of accounts', () => {
  it('end the sessions with other roles: their tokens are refused, also for new ones', async () => {
    const { auth, send, untilHandled, isValid, refresh } = await startInformed();
    const [old, fresh, reordered, others] = [
      await signIn(auth.url, '2', ['customer']),
      await signIn(auth.url, '2', ['customer', 'support']),
      await signIn(auth.url, '2', ['support', 'customer']),
      await signIn(auth.url, '1', ['customer']),
    ];
    await send({});
    await untilHandled(1);
    expect(await isValid(old)).toBe(false);
    expect((await refresh(old)).status).toBe(401);
    for (const tokens of [fresh, reordered, others]) expect(await isValid(tokens)).toBe(true);
    expect((await refresh(fresh)).status).toBe(200);
  });

  it('that are older than what is known change nothing', async () => {
    const { auth, send, untilHandled, isValid } = await startInformed();
    const now = await signIn(auth.url, '2', ['customer']);
    await send({ time: '2026-01-01T13:00:00+01:00', data: data(['customer']) });
    await untilHandled(1);
    await send({ time: '2026-01-01T11:59:59.999Z', data: data(['admin']) });
    await send({ type: 'user.created', time: '2025-12-31T00:00:00.000Z', data: data(['support']) });
    await untilHandled(2);
    expect(await isValid(now)).toBe(true);
    await send({ time: '2026-01-01T12:00:00.001Z', data: data(['admin']) });
    await untilHandled(1);
    expect(await isValid(now)).toBe(false);
  });

  it('that are delivered again leave a new session alone', async () => {
    const { auth, send, untilHandled, isValid, broker } = await startInformed();
    await send({ id: 'once' });
    await untilHandled(1);
    const later = await signIn(auth.url, '2', ['customer']);
    await send({ id: 'once' });
    const { name } = broker.topology.queue('auth.user.created');
    await vi.waitFor(async () => {
      const { text } = await ask('GET', `${auth.url}/metrics`);
      expect(text).toContain(`events_consumed_total{queue="${name}",outcome="duplicate"} 1\n`);
    }, patience);
    expect(await isValid(later)).toBe(true);
  });

  it('that cannot be read are dead at once, and others go on', async () => {
    const { auth, send, untilHandled, isValid, broker, dead } = await startInformed();
    const old = await signIn(auth.url, '2', ['customer']);
    await send({ data: data(['emperor']) });
    await send({});
    const buried = await broker.take(dead);
    expect(buried.properties.headers).toMatchObject({
      'x-attempts': 1,
      'x-error': expect.stringContaining('#/roles/0 must be equal to one of the allowed values'),
    });
    await untilHandled(1);
    expect(await isValid(old)).toBe(false);
  });
});

describeWithBroker('a change of roles', () => {
  it('ends the sessions with the old ones also when users could not reach auth', async () => {
    const { auth, broker, isValid, refresh } = await startInformed();
    const proxy = await startFlakyProxy(auth.url);
    onTestFinished(proxy.stop);
    const users = await startUsers({
      auth: { url: proxy.url, secret: testSecret },
      bus: broker.settings,
      settings: { SEED_USERS: 'full', PASSWORD_COST: '10' },
    });
    onTestFinished(users.stop);
    const logIn = async (username: string) => {
      const body = { username, password: username };
      return tokensOf((await ask('POST', `${users.url}/login`, { body })).body);
    };
    const [admin, bob] = [await logIn('admin'), await logIn('bob')];
    proxy.decide = (_method, path) => (path === '/internal/end-sessions' ? 'drop' : 'pass');
    const body = { roles: ['customer', 'support'] };
    const url = `${users.url}/api/users/2/roles`;
    const answered = await ask('PUT', url, { body, headers: bearer(admin) });
    expect(answered.status, answered.text).toBe(503);
    await vi.waitFor(async () => expect(await isValid(bob)).toBe(false), patience);
    expect((await refresh(bob)).status).toBe(401);
    expect((await ask('GET', `${users.url}/profile`, { headers: bearer(bob) })).status).toBe(401);
    const again = await logIn('bob');
    expect(await isValid(again)).toBe(true);
    expect((await ask('GET', `${users.url}/api/users`, { headers: bearer(again) })).status).toBe(200);
    expect(await isValid(admin)).toBe(true);
  });

  it('of a profile ends no session', async () => {
    const { auth, broker, isValid, untilHandled } = await startInformed();
    const users = await startUsers({ auth: { url: auth.url, secret: testSecret }, bus: broker.settings });
    onTestFinished(users.stop);
    await untilHandled(3);
    const body = { username: 'alice', password: 'alice' };
    const alice = tokensOf((await ask('POST', `${users.url}/login`, { body })).body);
    const change = (changes: object) =>
      ask('PUT', `${users.url}/profile`, { body: changes, headers: bearer(alice) });
    expect((await change({ email: 'alice@example.org' })).status).toBe(200);
    expect((await change({ first_name: 'Alice' })).status).toBe(200);
    await untilHandled(2);
    expect(await isValid(alice)).toBe(true);
  });
});
