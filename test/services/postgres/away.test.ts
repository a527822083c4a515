import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { ownDatabase } from '../databases.ts';
import { startTcpProxy } from '../kit/bus/tcp-proxy.ts';
import { startUsers } from '../start-shop.ts';
import { describeWithPostgres } from './with-postgres.ts';

describeWithPostgres('a PostgreSQL server that goes away', () => {
  it('is a 503 that tells nothing of it, until it is back', async () => {
    const database = ownDatabase();
    const proxy = await startTcpProxy(database.url);
    const users = await startUsers({ database: { ...database, url: proxy.url } });
    onTestFinished(async () => {
      await users.stop();
      await proxy.stop();
    });
    const debit = () =>
      ask('POST', `${users.url}/api/users/1/balance`, { body: { operation: 'debit', amount: '1.00' } });
    expect((await debit()).status).toBe(200);

    proxy.cut('refuse');
    const refused = await debit();
    expect(refused.status).toBe(503);
    expect(refused.body['type']).toBe('urn:shop:problem:database-away');
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.text).not.toMatch(/postgres|sql|127\.0\.0\.1/i);
    expect((await ask('GET', `${users.url}/healthz`)).status).toBe(503);

    proxy.letThrough();
    await expect.poll(async () => (await ask('GET', `${users.url}/healthz`)).status).toBe(200);
    expect((await debit()).body['balance']).toBe('498.00');
  });
});
