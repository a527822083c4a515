import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGatewayApp } from '../../../services/gateway/app.ts';
import { systemClock } from '../../../services/kit/clock.ts';
import { createLogger } from '../../../services/kit/log.ts';
import type { ServiceParts } from '../../../services/kit/run-service.ts';
import type { Contract } from '../../../src/contract/openapi/contract.ts';
import { loadContract } from '../../../src/contract/openapi/load.ts';
import { freePort } from '../../free-ports.ts';
import { type RunningService, startService, temporaryFolder } from '../start-service.ts';
import { testSecret, testUsers } from '../start-shop.ts';
import { openStores, type Stores } from './stores.ts';
import { startSwitchboard } from './switchboard.ts';
import { makeSigningKey, type People, signInEverybody } from './tokens.ts';
import { watchUnfinished } from './unfinished.ts';

const contracts = fileURLToPath(new URL('../../../contracts/openapi/', import.meta.url));

/** Every service that has an OpenAPI document; the gateway, which has no rules of its own, stands before them all. */
export const serviceNames = readdirSync(contracts)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))
  .filter((name) => name !== 'gateway')
  // Everybody asks auth who asks, so it is started first.
  .sort((a, b) => Number(b === 'auth') - Number(a === 'auth'));

export async function documentOf(name: string): Promise<Contract> {
  return await loadContract(join(contracts, `${name}.yaml`), contracts);
}

/** All services of the shop, knowing each other, with tokens in use. */
export interface Shop {
  /** By name of the service, `gateway` among them. */
  urls: ReadonlyMap<string, string>;
  people: People;
  stores: Stores;
  /** Every line that any of the services has logged so far. */
  logLines: readonly string[];
  stop(): Promise<void>;
}

/** What is to be told waits; who sends bad requests asks nothing of whoever would hear it. */
const withSilentBroker = {
  clock: systemClock,
  bus: {
    url: 'amqp://127.0.0.1:9',
    prefix: '',
    consumers: ['auth', 'orders', 'payments'],
    keys: 'plain',
    renamed: {},
    retryDelaysMs: [1_000],
    outboxLimit: 100_000,
  },
} as const;

export async function startWholeShop(): Promise<Shop> {
  const folder = await temporaryFolder();
  const board = await startSwitchboard();
  const key = makeSigningKey();
  const smtpPort = `${await freePort()}`;
  const logLines: string[] = [];
  const running: RunningService[] = [];
  const start = async (name: string, create: Create, authUrl: string | undefined) => {
    const service = await startService(name, create, {
      folder,
      log: createLogger(name, 'trace', { write: (line) => logLines.push(line) }),
      settings: {
        ...testUsers,
        SERVICE_SECRET: testSecret,
        AUTH_PRIVATE_KEY: key.setting,
        SMTP_PORT: smtpPort,
        SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
        // Nothing is given up meanwhile, and nothing left for later: it would look as if a refusal had written it.
        CHECKOUT_TIMEOUT: '1440m',
        CHECKOUT_PATIENCE: '60s',
      },
      ...(name === 'orders' ? withSilentBroker : {}),
      upstreams: Object.fromEntries(
        serviceNames.filter((other) => other !== name).map((other) => [other, board.urlOf(other)]),
      ),
      auth: authUrl === undefined ? undefined : { url: authUrl, secret: testSecret },
    });
    running.unshift(service);
    board.connect(name, service.url);
    return service.url;
  };
  const urls = new Map<string, string>();
  for (const name of serviceNames) urls.set(name, await start(name, await createOf(name), urls.get('auth')));
  const settings = {
    services: Object.fromEntries(urls),
    rateLimit: 0,
    trustsLoadKey: false,
    corsOrigins: [],
    timeoutMs: 5_000,
    breakerResetMs: 60_000,
  };
  const createGateway: Create = (parts) => createGatewayApp(parts, settings);
  urls.set('gateway', await start('gateway', createGateway, urls.get('auth')));
  const files = serviceNames.map((name) => [name, join(folder, `${name}.db`)] as const);
  const stores = await openWatchedStores(new Map(files.filter(([, file]) => existsSync(file))));
  return {
    urls,
    people: await signInEverybody(`${urls.get('auth')}`, key),
    stores,
    logLines,
    stop: async () => {
      await stores.close();
      for (const service of running) await service.stop();
      await board.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** A notification is sent after whoever asked for it was answered: what that writes is nothing that a refusal wrote. */
async function openWatchedStores(files: ReadonlyMap<string, string>): Promise<Stores> {
  const stores = await openStores(files);
  const file = files.get('notifications');
  if (file === undefined) return stores;
  const sending = await watchUnfinished(file, "select * from notifications where status = 'pending' limit 1");
  return {
    ...stores,
    look: async () => {
      await sending.over();
      await stores.look();
    },
    close: async () => {
      await sending.close();
      await stores.close();
    },
  };
}

type Create = Parameters<typeof startService>[1];

/** What `services/<name>/app.ts` makes the service with. */
async function createOf(name: string): Promise<Create> {
  const module: Record<string, unknown> = await import(`../../../services/${name}/app.ts`);
  const create = Object.entries(module).find(([exported]) => /^create\w+App$/.test(exported))?.[1];
  if (typeof create !== 'function') throw new Error(`services/${name}/app.ts exports no create…App`);
  return async (parts: ServiceParts) => await create(parts);
}
