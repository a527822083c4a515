import { rm } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../services/kit/clock.ts';
import { createIds } from '../../../services/kit/ids.ts';
import { ask } from '../ask.ts';
import { temporaryFolder } from '../start-service.ts';
import { startUsers } from '../start-shop.ts';

it('starts with alice, bob and charlie, and keeps what changed over a restart', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true }));
  const first = await startUsers({ folder });
  const { body } = await ask('GET', `${first.url}/api/users`);
  expect(body).toMatchObject({
    total: 3,
    users: [
      { id: '1', username: 'alice', balance: '500.00' },
      { id: '2', username: 'bob', balance: '300.00' },
      { id: '3', username: 'charlie', balance: '150.00' },
    ],
  });
  await ask('POST', `${first.url}/api/users/2/balance`, { body: { operation: 'debit', amount: 300 } });
  await first.stop();
  const second = await startUsers({ folder });
  onTestFinished(second.stop);
  expect((await ask('GET', `${second.url}/api/users?limit=1&offset=1`)).body).toMatchObject({
    total: 3,
    limit: 1,
    offset: 1,
    users: [{ id: '2', balance: '0.00' }],
  });
});

it('gives a new user an id, a place and a balance of zero', async () => {
  const users = await startUsers();
  onTestFinished(users.stop);
  const body = { username: 'dana', email: 'dana@example.com' };
  const created = await ask('POST', `${users.url}/api/users`, { body });
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({ id: '4', ...body, balance: '0.00' });
  expect(created.headers.get('location')).toBe('/api/users/4');
  expect((await ask('GET', `${users.url}/api/users/4`)).body).toEqual(created.body);
});

it('gives UUIDs when ids are not counted', async () => {
  const users = await startUsers({ newId: createIds('uuid', systemClock) });
  onTestFinished(users.stop);
  const { body } = await ask('POST', `${users.url}/api/users`, {
    body: { username: 'dana', email: 'd@example.com' },
  });
  expect(body['id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it('gives a username to one of many who ask for it at once', async () => {
  const users = await startUsers();
  onTestFinished(users.stop);
  const body = { username: 'dana', email: 'dana@example.com' };
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => ask('POST', `${users.url}/api/users`, { body })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
});
