import { dirname, join } from 'node:path';
import { createCartApp } from '../cart/app.ts';
import { createInventoryApp } from '../inventory/app.ts';
import { loadContract } from '../kit/contract/index.ts';
import { createIdentity } from '../kit/identity/index.ts';
import type { App, ServiceParts } from '../kit/index.ts';
import { parseLatency } from '../kit/simulation/index.ts';
import type { ServerDatabase } from '../kit/store/index.ts';
import { createNotificationsApp } from '../notifications/app.ts';
import { createOrdersApp } from '../orders/app.ts';
import { createPaymentsApp } from '../payments/app.ts';
import { createProductsApp } from '../products/app.ts';
import { createUsersApp } from '../users/app.ts';
import { takeDoors } from './doors.ts';

interface Module {
  name: string;
  create: (parts: ServiceParts) => Promise<App>;
  /** What is slow where latencies are simulated; nothing else of the module is. */
  latencies?: Readonly<Record<string, string>>;
}

/**
 * The parts of the shop that the monolith is made of, each before those that ask it. The three latencies add up to the
 * 7.6 s that its checkout takes.
 */
const modules: readonly Module[] = [
  { name: 'users', create: createUsersApp },
  { name: 'inventory', create: createInventoryApp },
  { name: 'products', create: createProductsApp },
  { name: 'cart', create: createCartApp },
  { name: 'payments', create: createPaymentsApp, latencies: { 'POST /payment/process': 'constant(2s)' } },
  { name: 'orders', create: createOrdersApp, latencies: { 'POST /orders': 'constant(600ms)' } },
  { name: 'notifications', create: createNotificationsApp, latencies: { 'SEND email': 'constant(5s)' } },
];

export const moduleNames = modules.map(({ name }) => name);

/** All of them in this process. */
export interface OpenModules {
  /** Where each of them answers, on this machine. */
  urls: Readonly<Record<string, string>>;
  apps: readonly App[];
  beginStop(): void;
  close(): Promise<void>;
}

/** Opens every module with a database of its own in the folder `monolith`, beside the file of `parts`. */
export async function openModules(parts: ServiceParts): Promise<OpenModules> {
  const doors = await takeDoors(moduleNames);
  const apps: App[] = [];
  const close = async () => {
    // Those that ask before those that are asked.
    for (const app of apps.toReversed()) await app.close();
    await doors.close();
  };
  try {
    for (const module of modules) {
      const app = await module.create(await partsOf(module, parts, doors.urls));
      apps.push(app);
      doors.open(module.name, app.handler);
    }
  } catch (error) {
    await close();
    throw error;
  }
  const beginStop = () => {
    for (const app of apps) app.beginStop();
  };
  return { urls: doors.urls, apps, beginStop, close };
}

/** As if each ran in a process of its own; without events, because whoever buys here waits for everything. */
async function partsOf(
  { name, latencies = {} }: Module,
  parts: ServiceParts,
  urls: Readonly<Record<string, string>>,
): Promise<ServiceParts> {
  const { [name]: _self, ...upstreams } = urls;
  const routeLatencies = Object.fromEntries(
    Object.entries(latencies).map(([endpoint, text]) => [endpoint, parseLatency(text)]),
  );
  return {
    ...parts,
    ...createIdentity({ ...parts, service: name }),
    file: join(dirname(parts.file), 'monolith', `${name}.db`),
    database: parts.database && databaseOf(name, parts.database),
    contract: await loadContract(name, undefined),
    log: parts.log.child({ module: name }),
    seed: `${parts.seed}/${name}`,
    simulation:
      parts.simulation === undefined ? undefined : { latency: undefined, failureRate: 0, routeLatencies },
    takesFaults: false,
    upstreams,
    bus: undefined,
  };
}

/** Beside the monolith's own name on the server: `…/shop_monolith` and `users` make `…/shop_monolith_users`. */
function databaseOf(name: string, { url: address, note, ...rest }: ServerDatabase): ServerDatabase {
  const url = new URL(address);
  url.pathname += `_${name}`;
  return {
    ...rest,
    url: url.href,
    ...(note === undefined ? {} : { note: note.replace(/\.database$/, `_${name}.database`) }),
  };
}
