import {
  amqpUrl,
  type BusSettings,
  eventConsumers,
  eventKeys,
  namePrefix,
  outboxLimit,
  queueRenamings,
  retryDelays,
} from './bus/index.ts';
import { type Clock, systemClock } from './clock.ts';
import { parseDurationMs } from './duration.ts';
import { ExitError } from './exit-error.ts';
import type { AuthSettings } from './identity/index.ts';
import type { IdStyle } from './ids.ts';
import { type LogLevel, logLevels } from './log.ts';
import { latencyForm, parseLatency, parseShare, type Simulation, shareForm } from './simulation/index.ts';
import { type DatabaseSettings, parseServerUrl, serverUrlForm } from './store/index.ts';
import { readTlsSettings, type TlsSettings } from './tls.ts';
import { readTracing, type TracingSettings } from './tracing/index.ts';

/** What the environment says, read and checked. */
export interface Environment extends TlsSettings {
  port: number;
  host: string;
  /** The folder of the SQLite files. */
  dataDir: string;
  /** Where `DATABASE_URL` is set: the PostgreSQL server. Undefined: the data is in SQLite files. */
  database: DatabaseSettings | undefined;
  /** Undefined when nothing is simulated. */
  simulation: Simulation | undefined;
  /** Whether faults may be set by hand while the service runs. */
  takesFaults: boolean;
  seed: string;
  ids: IdStyle;
  logLevel: LogLevel;
  shutdownGraceMs: number;
  /** The folder of the OpenAPI documents; undefined: look for it next to the program. */
  contractsDir: string | undefined;
  /** Base addresses of the other services that this one knows, by name, without a slash at the end. */
  upstreams: Record<string, string>;
  /** `AUTH_URL` and `SERVICE_SECRET`; undefined: no tokens are in use. */
  auth: AuthSettings | undefined;
  /** Where `AMQP_URL` is set: the message broker. Undefined: events are neither published nor consumed. */
  bus: BusSettings | undefined;
  /** Where an OTLP endpoint is set: how spans get there. Undefined: none are made. */
  tracing: TracingSettings | undefined;
  /** The settings that this service alone has, by the names of their variables. */
  settings: Record<string, string>;
}

/** A setting that one service alone has. */
export interface OwnSetting {
  fallback: string;
  /** Completes "must be ...". */
  expected: string;
  accepts: (text: string) => boolean;
  /** Its value is not repeated in complaints. */
  isSecret?: boolean;
}

/** What holds where the environment says nothing; `upstreams` names the needed services. */
export interface EnvironmentDefaults {
  port: number;
  latency: string;
  failureRate: string;
  upstreams: Record<string, string>;
  /** Services that this one does without when the environment gives no address for them. */
  optionalUpstreams?: readonly string[];
  /** Latencies that differ from the service's own, by endpoint such as `GET /search` or `CONSUME order.created`. */
  routeLatencies?: Readonly<Record<string, string>>;
  settings?: Readonly<Record<string, OwnSetting>>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads every setting, and the certificates that some of them name. Throws one `ExitError` (exit code 2) that has a
 * sentence for each bad value.
 */
export function readEnvironment(
  variables: Variables,
  defaults: EnvironmentDefaults,
  clock: Clock = systemClock,
): Environment {
  const tls = readTlsSettings(variables, clock.now());
  const complaints = [...tls.complaints];
  // An empty variable counts as not set, as in a shell's `${NAME:-default}`.
  const text = (name: string, fallback: string) => variables[name] || fallback;
  const read = <T>(name: string, fallback: string, setting: Setting<T>): T => {
    const value = setting.parse(text(name, fallback));
    if (value !== undefined) return value;
    const shown = setting.isSecret ? 'not shown here' : JSON.stringify(text(name, fallback));
    complaints.push(`${name} is ${shown}, but must be ${setting.expected}.`);
    return setting.neutral;
  };
  const readIfSet = <T>(name: string, setting: Setting<T>) =>
    variables[name] ? read(name, '', setting) : undefined;
  const hasBroker = Boolean(variables['AMQP_URL']);
  const isSimulated = read('SIMULATE', 'off', onOff);
  const latency = read('LATENCY', defaults.latency, latencySetting);
  const failureRate = read('FAILURE_RATE', defaults.failureRate, percentage);
  const writes = {
    latency: readIfSet('LATENCY_WRITES', latencySetting),
    failureRate: readIfSet('FAILURE_RATE_WRITES', percentage),
  };
  const known = { ...defaults.upstreams, ...addressesGiven(variables, defaults.optionalUpstreams ?? []) };
  const environment = {
    port: read('PORT', String(defaults.port), port),
    host: text('HOST', '127.0.0.1'),
    dataDir: text('DATA_DIR', '.shopctl/data'),
    database: variables['DATABASE_URL'] ? readDatabase(read) : undefined,
    simulation: isSimulated
      ? { latency, failureRate, writes, ...routeLatenciesOf(defaults, hasBroker) }
      : undefined,
    takesFaults: read('SIMULATE_ADMIN', 'off', onOff),
    seed: text('SEED', '1'),
    ids: read('IDS', 'uuid', idStyle),
    logLevel: read('LOG_LEVEL', 'info', logLevel),
    shutdownGraceMs: read('SHUTDOWN_GRACE', '5s', duration),
    contractsDir: variables['CONTRACTS_DIR'] || undefined,
    upstreams: mapValues(known, (url, name) => read(addressVariable(name), url, address)),
    auth: variables['AUTH_URL']
      ? { url: read('AUTH_URL', '', address), secret: read('SERVICE_SECRET', '', asSetting(serviceSecret)) }
      : undefined,
    bus: hasBroker ? readBus(read) : undefined,
    ...tls.settings,
    tracing: readTracing(variables, read),
    settings: mapValues(defaults.settings ?? {}, (own, name) => read(name, own.fallback, asSetting(own))),
  };
  if (complaints.length > 0) throw new ExitError(complaints, 2);
  return environment;
}

type Read = <T>(name: string, fallback: string, setting: Setting<T>) => T;

function readDatabase(read: Read): DatabaseSettings {
  return {
    url: read('DATABASE_URL', '', serverUrl),
    pool: read('DATABASE_POOL', '5', poolSize),
    followsDataDir: read('DATABASE_FOLLOWS_DATA_DIR', 'off', onOff),
  };
}

function readBus(read: Read): BusSettings {
  return {
    url: read('AMQP_URL', '', amqpUrl),
    prefix: read('EVENT_PREFIX', '', namePrefix),
    keys: read('EVENT_KEYS', 'plain', eventKeys),
    renamed: read('QUEUES', '', queueRenamings),
    // Without these no order would ever be paid, and no changed role be noticed.
    consumers: read('EVENT_CONSUMERS', 'auth,orders,payments', eventConsumers),
    retryDelaysMs: read('RETRY_DELAYS', '1s,2s,4s,8s,16s,32s', retryDelays),
    outboxLimit: read('OUTBOX_LIMIT', '100000', outboxLimit),
  };
}

/** Without a broker nothing is consumed, and what a consumer's latency would be has no meaning. */
function routeLatenciesOf(
  { routeLatencies }: EnvironmentDefaults,
  hasBroker: boolean,
): Pick<Simulation, 'routeLatencies'> {
  if (routeLatencies === undefined) return {};
  const met = Object.entries(routeLatencies).filter(([name]) => hasBroker || !name.startsWith('CONSUME '));
  return { routeLatencies: mapValues(Object.fromEntries(met), parseLatency) };
}

const addressVariable = (name: string) => `${name.toUpperCase()}_URL`;

function addressesGiven(variables: Variables, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = variables[addressVariable(name)];
      return text ? [[name, text]] : [];
    }),
  );
}

function mapValues<In, Out>(record: Readonly<Record<string, In>>, change: (value: In, key: string) => Out) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

interface Setting<T> {
  /** Completes "must be ...". */
  expected: string;
  parse: (text: string) => T | undefined;
  /** Stands in for a bad value until all are read; it is never used. */
  neutral: T;
  isSecret?: boolean;
}

/** What every service of the shop knows, and nobody else. */
export const serviceSecret: OwnSetting = {
  fallback: '',
  expected: 'the secret that all services of the shop share: at least 16 characters without blanks',
  accepts: (text) => /^[\x21-\x7e]{16,256}$/.test(text),
  isSecret: true,
};

function asSetting({ expected, accepts, isSecret = false }: OwnSetting): Setting<string> {
  return { expected, parse: (text) => (accepts(text) ? text : undefined), neutral: '', isSecret };
}

const serverUrl: Setting<string> = {
  expected: serverUrlForm,
  parse: parseServerUrl,
  neutral: '',
  // It may hold a password.
  isSecret: true,
};

const poolSize: Setting<number> = {
  expected: 'a whole number of connections from 1 to 100',
  parse: (text) => (/^([1-9]\d?|100)$/.test(text) ? Number(text) : undefined),
  neutral: 1,
};

const onOff: Setting<boolean> = {
  expected: '"on" or "off"',
  parse: (text) => ({ on: true, off: false })[text],
  neutral: false,
};

const latencySetting: Setting<ReturnType<typeof parseLatency>> = {
  expected: latencyForm,
  parse: parseLatency,
  neutral: undefined,
};

const percentage: Setting<number> = { expected: shareForm, parse: parseShare, neutral: 0 };

const port: Setting<number> = {
  expected: 'a port number from 0 (any free port) to 65535',
  parse: (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
  neutral: 0,
};

const idStyle: Setting<IdStyle> = {
  expected: '"uuid" or "sequence"',
  parse: (text) => (['uuid', 'sequence'] as const).find((style) => style === text),
  neutral: 'uuid',
};

const logLevel: Setting<LogLevel> = {
  expected: `one of ${logLevels.join(', ')}`,
  parse: (text) => logLevels.find((level) => level === text),
  neutral: 'info',
};

const duration: Setting<number> = {
  expected: 'a duration such as "500ms" or "5s"',
  parse: parseDurationMs,
  neutral: 0,
};

const address: Setting<string> = {
  expected: 'an address such as "http://127.0.0.1:8001"',
  parse: (text) => {
    if (!URL.canParse(text)) return undefined;
    const url = new URL(text);
    return ['http:', 'https:'].includes(url.protocol) ? url.href.replace(/\/+$/, '') : undefined;
  },
  neutral: '',
};
