import { join } from 'node:path';
import type { App } from './app/index.ts';
import type { BusSettings } from './bus/index.ts';
import { systemClock } from './clock.ts';
import { type Contract, loadContract } from './contract/index.ts';
import { type Environment, type EnvironmentDefaults, readEnvironment } from './env.ts';
import { ExitError } from './exit-error.ts';
import { createIdentity, type IdentityParts } from './identity/index.ts';
import { createIds, type NewId } from './ids.ts';
import { type Listening, listen } from './listen.ts';
import { createLogger, type Logger } from './log.ts';
import { type Random, seededRandom } from './random.ts';
import type { SimulationParts } from './simulation/index.ts';
import { databaseFor, type ServerDatabase } from './store/index.ts';
import type { TlsSettings } from './tls.ts';

/** What every service is built from: in production by `runService`, in tests by hand. */
export interface ServiceParts extends IdentityParts, SimulationParts, Pick<TlsSettings, 'trust'> {
  /** Path of the service's SQLite file. */
  file: string;
  /** The service's PostgreSQL database, which then takes the place of the file. */
  database: ServerDatabase | undefined;
  contract: Contract;
  log: Logger;
  random: Random;
  newId: NewId;
  /** Base addresses of the services that this one knows. */
  upstreams: Readonly<Record<string, string>>;
  /** What `createBus` needs to know of the broker; undefined: there is none. */
  bus: BusSettings | undefined;
  /** The settings that this service alone has, as `EnvironmentDefaults.settings` declares them. */
  settings: Readonly<Record<string, string>>;
}

interface ServiceDefinition {
  name: string;
  defaults: EnvironmentDefaults;
  create: (parts: ServiceParts) => Promise<App>;
}

/**
 * The whole life of a service process: environment, listening, and a graceful stop on SIGTERM or SIGINT (a second
 * signal ends it at once). Exit codes: 0 stopped in time, 1 cut off, 2 a bad setting, 3 the environment failed.
 */
export async function runService(definition: ServiceDefinition): Promise<void> {
  try {
    const environment = readEnvironment(process.env, definition.defaults);
    const log = createLogger(definition.name, environment.logLevel);
    const app = await definition.create(await partsFrom(definition.name, environment, log));
    const { host, port, certificate } = environment;
    const listening = await listen({ app, host, port, log, certificate }).catch(async (error: unknown) => {
      await app.close();
      throw error;
    });
    stopOnSignal(listening, environment.shutdownGraceMs, log);
  } catch (error) {
    if (!(error instanceof ExitError)) throw error;
    for (const sentence of error.sentences) process.stderr.write(`${definition.name}: ${sentence}\n`);
    process.exitCode = error.exitCode;
  }
}

async function partsFrom(name: string, environment: Environment, log: Logger): Promise<ServiceParts> {
  const { dataDir, database, auth, trust } = environment;
  // Numbers of its own, so that a question to auth that is repeated does not shift which requests are to fail.
  const random = seededRandom(`${environment.seed}/${name}/identity`);
  return {
    ...createIdentity({ service: name, auth, clock: systemClock, random, trust }),
    file: join(dataDir, `${name}.db`),
    database: database && databaseFor(database, name, dataDir),
    contract: await loadContract(name, environment.contractsDir),
    log,
    clock: systemClock,
    random: seededRandom(`${environment.seed}/${name}`),
    seed: `${environment.seed}/${name}`,
    newId: createIds(environment.ids, systemClock),
    simulation: environment.simulation,
    takesFaults: environment.takesFaults,
    trust,
    upstreams: environment.upstreams,
    bus: environment.bus,
    settings: environment.settings,
  };
}

function stopOnSignal(listening: Listening, graceMs: number, log: Logger): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, 'stopping');
    void listening.stop(graceMs).then((isInTime) => {
      log.info({ in_time: isInTime }, 'stopped');
      process.exit(isInTime ? 0 : 1);
    });
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
