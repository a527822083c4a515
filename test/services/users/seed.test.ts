import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { startUsers } from '../start-shop.ts';

const full = { SEED_USERS: 'full', PASSWORD_COST: '10' };

async function start() {
  const users = await startUsers({ settings: full });
  onTestFinished(users.stop);
  return users;
}

it('begins with eleven users, the same every time', async () => {
  const list = async () => (await ask('GET', `${(await start()).url}/api/users`)).body;
  const [first, second] = [await list(), await list()];
  const shown = (body: Record<string, unknown>) =>
    JSON.stringify(body).replaceAll(/"(created|updated)_at":"[^"]*"/g, '');
  expect(shown(first)).toBe(shown(second));
  expect(first).toMatchObject({ total: 11 });
  const users: unknown = first['users'];
  expect(users).toMatchObject([
    { id: '1', username: 'alice', balance: '500.00' },
    { id: '2', username: 'bob', balance: '300.00' },
    { id: '3', username: 'charlie', balance: '150.00' },
    { id: 'test_user_001', username: 'test' },
    { id: '4', username: 'admin' },
    { id: '5', username: 'support' },
    ...['6', '7', '8', '9', '10'].map((id) => ({ id, email: expect.stringMatching(/@example\.com$/) })),
  ]);
});

it('counts new users on from the seeded ones', async () => {
  const users = await start();
  const body = { username: 'dana', email: 'dana@example.com' };
  expect((await ask('POST', `${users.url}/api/users`, { body })).body).toMatchObject({ id: '11' });
});
