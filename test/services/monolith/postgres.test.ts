import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../ask.ts';
import { ownDatabase } from '../databases.ts';
import { startMail } from '../mail/start-mail.ts';
import { describeWithPostgres } from '../postgres/with-postgres.ts';
import { temporaryFolder } from '../start-service.ts';
import { startMonolith } from './start-monolith.ts';

describeWithPostgres('the monolith', () => {
  it('keeps what each of its modules has in a PostgreSQL database of the module, and in no file', async () => {
    const mail = await startMail();
    onTestFinished(mail.stop);
    const folder = await temporaryFolder();
    const monolith = await startMonolith(mail.smtpPort, { folder, database: ownDatabase() });
    onTestFinished(async () => {
      await monolith.stop();
      await rm(folder, { recursive: true });
    });
    const body = { user_id: 1, items: [{ product_id: 8, quantity: 1 }] };
    expect(await ask('POST', `${monolith.url}/checkout`, { body })).toMatchObject({
      status: 201,
      body: { status: 'confirmed', email: 'sent' },
    });
    expect(readdirSync(folder)).toEqual([]);
  }, 120_000);
});
