import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Channel, connect } from 'amqplib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { readEnvironment } from '../../services/kit/env.ts';
import { loadProject } from '../../src/config/index.ts';
import { ownServer } from '../services/databases.ts';
import { deleteEverything } from '../services/kit/bus/broker.ts';
import { brokerUrl, describeWithBroker } from '../services/kit/bus/broker-url.ts';
import { describeWithPostgres } from '../services/postgres/with-postgres.ts';
import { type MovedShop, moveShop } from './moved-shop.ts';
import { ROOT } from './run-cli.ts';

// The same suites, and not one line of them another, on what comes with the shop and on the servers that take its place.

/** A whole topology and its suites, on a machine that does something else as well. */
const patience = { timeout: 600_000 };

const { topologies } = parse(readFileSync(join(ROOT, 'e2e.config.yaml'), 'utf8'));
const all = Object.keys(topologies);
/** On SQLite and the embedded broker their suites run in `quick-references.test.ts` and `bundled-shop.test.ts`. */
const provenElsewhere = ['shopstack', 'platform', 'async-checkout', 'expiry', 'balances'];

async function runSuites({ cli, folder }: MovedShop) {
  const result = await cli('test', 'e2e', '--jobs', '4', '--report', 'json=run.json');
  expect(result, `${result.stdout}\n${result.stderr}`).toMatchObject({ code: 0 });
  const { counts } = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'));
  expect(counts).toMatchObject({ failed: 0, skipped: 0, passed: expect.any(Number) });
  expect(counts.passed).toBeGreaterThan(0);
}

/** The kinds of database files that a run has left: `.db` of services, `.sqlite` of the embedded broker. */
function filesOf({ folder }: MovedShop): string[] {
  const files = readdirSync(join(folder, '.shopctl'), { recursive: true, encoding: 'utf8' });
  return [...new Set(files.map((file) => extname(file)))].filter((end) => ['.db', '.sqlite'].includes(end));
}

/** Whatever a service is without its environment: of the broker it says nothing. */
const defaults = { port: 1, latency: 'constant(0ms)', failureRate: '0%', upstreams: {} };

/** How the services of a topology speak to a broker: not at all where it has none. */
function busesOf(topology: string, env: Record<string, string>) {
  const { services } = loadProject({ file: join(ROOT, 'e2e.config.yaml'), topology, env, cwd: ROOT });
  return services.flatMap((service) => {
    if (service.kind !== 'own') return [];
    return readEnvironment({ ...env, ...service.env }, defaults).bus ?? [];
  });
}

async function onBroker<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
  const model = await connect(brokerUrl, { noDelay: true });
  try {
    return await work(await model.createChannel());
  } finally {
    await model.close();
  }
}

describe('on SQLite and the embedded broker', () => {
  it.each(all.filter((name) => !provenElsewhere.includes(name)))(
    'the suites of %s pass',
    patience,
    async (topology) => {
      const shop = await moveShop({ topology });
      onTestFinished(shop.remove, patience.timeout);
      await runSuites(shop);
      expect(filesOf(shop)).toContain('.db');
    },
  );
});

describeWithPostgres('on PostgreSQL', () => {
  describeWithBroker('and RabbitMQ', () => {
    it.each(all)('the suites of %s pass', patience, async (topology) => {
      const server = ownServer();
      const env = {
        DATABASE_URL: server.url,
        // Others use the server too, and it has a hundred connections for all.
        DATABASE_POOL: '3',
        AMQP_URL: brokerUrl,
        EVENT_PREFIX: `test-${randomUUID().slice(0, 8)}.`,
      };
      const buses = busesOf(topology, env);
      // What was registered last comes first, and each of them comes, whatever became of the others.
      onTestFinished(server.forget, patience.timeout);
      onTestFinished(
        () =>
          onBroker(async (channel) => {
            for (const bus of buses) await deleteEverything(channel, bus);
          }),
        patience.timeout,
      );
      const shop = await moveShop({ topology, env });
      onTestFinished(shop.remove, patience.timeout);
      await runSuites(shop);
      // It was these servers that all of it was in.
      expect(filesOf(shop)).toEqual([]);
      expect(await server.databases()).not.toEqual([]);
      await onBroker(async (channel) => {
        for (const { prefix } of buses) await channel.checkExchange(`${prefix}order.events`);
      });
    });
  });
});
