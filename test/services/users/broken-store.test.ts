import { rm } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../services/kit/store/index.ts';
import { usersMigrations } from '../../../services/users/store.ts';
import { ask } from '../ask.ts';
import { isOnServer, placeIn } from '../databases.ts';
import { temporaryFolder } from '../start-service.ts';
import { startUsers } from '../start-shop.ts';

it('answers a plain 500 when its database is broken, logs why without what was written, and takes no money', async () => {
  const folder = await temporaryFolder();
  const users = await startUsers({ folder });
  const vandal = await openStore({ ...placeIn(folder, 'users'), migrations: usersMigrations });
  onTestFinished(async () => {
    await vandal.close();
    await users.stop();
    await rm(folder, { recursive: true });
  });
  await vandal.read.schema.dropTable('balance_changes');
  const debit = { operation: 'debit', amount: '1.00' };
  const failed = await ask('POST', `${users.url}/api/users/1/balance`, { body: debit });
  expect(failed.status).toBe(500);
  expect(failed.body).toMatchObject({ type: 'urn:shop:problem:internal', instance: '/api/users/1/balance' });
  expect(failed.text).not.toMatch(/sqlite|balance_changes|insert|stack/i);
  expect((await ask('GET', `${users.url}/api/users/1/balance`)).body['balance']).toBe('500.00');

  await vandal.read.raw(isOnServer ? 'drop table users cascade' : 'drop table users');
  const body = { username: 'dana', email: 'dana@example.com' };
  expect((await ask('POST', `${users.url}/api/users`, { body })).status).toBe(500);
  expect(users.logText()).toMatch(/no such table: users|relation \\"users\\" does not exist/);
  expect(users.logText()).not.toContain('dana@example.com');
});

it('keeps its data when two processes migrate and seed the same file', async () => {
  const folder = await temporaryFolder();
  const first = await startUsers({ folder });
  const second = await startUsers({ folder });
  onTestFinished(async () => {
    await second.stop();
    await first.stop();
    await rm(folder, { recursive: true });
  });
  await ask('POST', `${first.url}/api/users/1/balance`, { body: { operation: 'debit', amount: '1.00' } });
  const { body } = await ask('GET', `${second.url}/api/users`);
  expect(body).toMatchObject({ total: 3, users: [{ balance: '499.00' }, {}, {}] });
});
