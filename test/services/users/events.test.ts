import { rm } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { openBroker } from '../kit/bus/broker.ts';
import { describeWithBroker } from '../kit/bus/broker-url.ts';
import { type StartOptions, temporaryFolder } from '../start-service.ts';
import { startUsers } from '../start-shop.ts';

const account = { username: 'dana', password: 'correct horse', email: 'dana@example.com' };

/** The users service alone: what it tells waits in auth's queue. */
async function startTelling(options: StartOptions = {}) {
  const broker = await openBroker({ consumers: ['auth'] });
  const queue = broker.topology.queue('auth.user.created').name;
  const start = async () => {
    const users = await startUsers({ bus: broker.settings, ...options });
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= users.stop();
      return stopped;
    };
    onTestFinished(stop);
    return { ...users, stop };
  };
  return {
    start,
    users: await start(),
    nextEvent: async () => {
      const { type, subject, source, data } = JSON.parse((await broker.take(queue)).content.toString());
      return { type, subject, source, data };
    },
  };
}

function about(type: string, user_id: string, data: object) {
  return { type, subject: user_id, source: '/users', data: { user_id, ...data } };
}

const alice = { username: 'alice', email: 'alice@example.com', roles: ['customer'] };
const seeded = [
  about('user.created', '1', alice),
  about('user.created', '2', { username: 'bob', email: 'bob@example.com', roles: ['customer'] }),
  about('user.created', '3', { username: 'charlie', email: 'charlie@example.com', roles: ['customer'] }),
];

describeWithBroker('what users tells the others', () => {
  it('is who was there from the beginning, once and not at every start', async () => {
    const folder = await temporaryFolder();
    onTestFinished(() => rm(folder, { recursive: true }));
    const { start, users, nextEvent } = await startTelling({ folder });
    expect([await nextEvent(), await nextEvent(), await nextEvent()]).toEqual(seeded);
    await users.stop();
    const again = await start();
    await ask('POST', `${again.url}/register`, { body: account });
    expect(await nextEvent()).toMatchObject({ type: 'user.created', data: { username: 'dana' } });
  });

  it('is every new account, and none that came to nothing', async () => {
    const { users, nextEvent } = await startTelling();
    for (const _one of seeded) await nextEvent();
    const registered = await ask('POST', `${users.url}/register`, { body: account });
    const { id } = registered.body;
    expect(await nextEvent()).toEqual(
      about('user.created', String(id), { username: 'dana', email: 'dana@example.com', roles: ['customer'] }),
    );
    expect((await ask('POST', `${users.url}/register`, { body: account })).status).toBe(409);
    const { password: _none, ...fresh } = account;
    expect((await ask('POST', `${users.url}/api/users`, { body: fresh })).status).toBe(409);
    const created = await ask('POST', `${users.url}/api/users`, { body: { ...fresh, username: 'erin' } });
    expect(await nextEvent()).toEqual(
      about('user.created', String(created.body['id']), {
        username: 'erin',
        email: 'dana@example.com',
        roles: ['customer'],
      }),
    );
  });

  it('is a change of roles, and nothing where they are so already', async () => {
    const { users, nextEvent } = await startTelling();
    for (const _one of seeded) await nextEvent();
    const setRoles = async (id: string, roles: string[]) =>
      (await ask('PUT', `${users.url}/api/users/${id}/roles`, { body: { roles } })).status;
    expect(await setRoles('1', ['customer'])).toBe(200);
    expect(await setRoles('nobody', ['support'])).toBe(404);
    expect(await setRoles('1', ['customer', 'support'])).toBe(200);
    expect(await nextEvent()).toEqual(
      about('user.updated', '1', { ...alice, roles: ['customer', 'support'] }),
    );
  });

  it('never has a password in it', async () => {
    const { users, nextEvent } = await startTelling();
    for (const _one of seeded) await nextEvent();
    await ask('POST', `${users.url}/register`, { body: account });
    expect(Object.keys((await nextEvent()).data).sort()).toEqual(['email', 'roles', 'user_id', 'username']);
  });
});
