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
import { Problem } from './problem.ts';
import { type Random, seededRandom } from './random.ts';
import type { SimulationParts } from './simulation/index.ts';
import { keepHeapSmall } from './small-heap.ts';
import { findStarter } from './starter.ts';
import { databaseFor, type ServerDatabase } from './store/index.ts';
import type { TlsSettings } from './tls.ts';
import { openTracing, type Tracer, type Tracing } from './tracing/index.ts';

/** What every service is built from: in production by `runService`, in tests by hand. */
export interface ServiceParts extends IdentityParts, SimulationParts, Pick<TlsSettings, 'trust'> {
  /** Path of the service's SQLite file. */
  file: string;
  /** The service's PostgreSQL database, which then takes the place of the file. */
  database: ServerDatabase | undefined;
  contract: Contract;
  log: Logger;
  /** Takes note of what the service does; undefined: nobody does. */
  tracer: Tracer | undefined;
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
  const starter = findStarter();
  try {
    const { name, defaults } = definition;
    const environment = readEnvironment(process.env, defaults);
    await starter.mayServe();
    const log = createLogger(name, environment.logLevel);
    const tracing = await openTracing(name, environment.tracing, log);
    const listening = await start(definition, environment, { log, tracer: tracing.tracer }).catch(
      async (error: unknown) => {
        await tracing.close(0);
        throw error;
      },
    );
    stopOnSignal({ listening, tracing, log, graceMs: environment.shutdownGraceMs });
    starter.tellReady();
    // After whoever keeps a code cache has made it.
    setTimeout(keepHeapSmall, 0);
  } catch (error) {
    end(definition.name, error);
  }
}

/** Tells why the service cannot run. */
function end(name: string, error: unknown): void {
  const write = (sentence: string) => process.stderr.write(`${name}: ${sentence}\n`);
  if (error instanceof ExitError) {
    error.sentences.forEach(write);
    process.exitCode = error.exitCode;
  } else if (error instanceof Problem) {
    // Such as an outbox too small for what the first start tells. What was opened by then has no owner yet.
    write(error.message);
    process.exit(3);
  } else throw error;
}

type Told = Pick<ServiceParts, 'log' | 'tracer'>;

async function start(
  { name, create }: ServiceDefinition,
  environment: Environment,
  told: Told,
): Promise<Listening> {
  const app = await create(await partsFrom(name, environment, told));
  const { host, port, certificate } = environment;
  return await listen({ app, host, port, log: told.log, certificate }).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
}

async function partsFrom(name: string, environment: Environment, told: Told): Promise<ServiceParts> {
  const { dataDir, database, auth, trust } = environment;
  const { tracer } = told;
  // Numbers of its own, so that a question to auth that is repeated does not shift which requests are to fail.
  const random = seededRandom(`${environment.seed}/${name}/identity`);
  return {
    ...createIdentity({ service: name, auth, clock: systemClock, random, trust, tracer }),
    file: join(dataDir, `${name}.db`),
    database: database && databaseFor(database, name, dataDir),
    contract: await loadContract(name, environment.contractsDir),
    ...told,
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

interface Life {
  listening: Listening;
  tracing: Tracing;
  graceMs: number;
  log: Logger;
}

/** For the last spans to be sent: a receiver that is away does not hold up the end. */
const flushMs = 2_000;

function stopOnSignal({ listening, tracing, graceMs, log }: Life): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, 'stopping');
    const untilMs = performance.now() + graceMs;
    void listening.stop(graceMs).then(async (isInTime) => {
      await tracing.close(Math.min(flushMs, Math.max(0, untilMs - performance.now())));
      log.info({ in_time: isInTime }, 'stopped');
      process.exit(isInTime ? 0 : 1);
    });
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
