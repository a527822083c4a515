import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { App } from '../../../services/kit/app/index.ts';
import type { ServiceParts } from '../../../services/kit/run-service.ts';
import { ask } from '../ask.ts';
import { ownDatabase } from '../databases.ts';
import { startService, temporaryFolder } from '../start-service.ts';
import { testSecret, testUsers } from '../start-shop.ts';
import { describeWithPostgres } from './with-postgres.ts';

const services = fileURLToPath(new URL('../../../services/', import.meta.url));

/** Every service that keeps something. */
const keepers = readdirSync(services).filter((name) => {
  const file = join(services, name, 'app.ts');
  return existsSync(file) && readFileSync(file, 'utf8').includes('openStore');
});

/** Where somebody would be asked, if anybody asked. */
const nobody = 'http://127.0.0.1:9';

describeWithPostgres('every service that keeps something', () => {
  it.each(keepers)('%s keeps it in PostgreSQL where it is told to, and in no file', async (name) => {
    const folder = await temporaryFolder();
    const service = await startService(name, await createOf(name), {
      folder,
      database: ownDatabase(),
      upstreams: { users: nobody, orders: nobody, products: nobody },
      settings: { ...testUsers, SERVICE_SECRET: testSecret, SMTP_PORT: '0' },
    });
    onTestFinished(async () => {
      await service.stop();
      await rm(folder, { recursive: true });
    });
    expect((await ask('GET', `${service.url}/livez`)).status).toBe(200);
    expect(readdirSync(folder)).toEqual([]);
  });
});

async function createOf(name: string): Promise<(parts: ServiceParts) => Promise<App>> {
  const module: Record<string, unknown> = await import(join(services, name, 'app.ts'));
  const create = Object.entries(module).find(([exported]) => /^create\w+App$/.test(exported))?.[1];
  if (typeof create !== 'function') throw new Error(`services/${name}/app.ts exports no create…App`);
  return async (parts) => await create(parts);
}
