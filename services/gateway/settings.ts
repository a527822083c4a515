import { parseDurationMs } from '../kit/duration.ts';
import { ExitError } from '../kit/exit-error.ts';
import { type ServiceName, serviceNames } from './routing-table.ts';

/** What the environment says about the gateway alone. */
export interface GatewaySettings {
  /** Base addresses of the services behind the gateway; a service without one has no routes. */
  services: Readonly<Partial<Record<ServiceName, string>>>;
  /** Requests per minute and client; 0: as many as they like. */
  rateLimit: number;
  /** Whether `X-Load-Key` from this machine counts as a client of its own. */
  trustsLoadKey: boolean;
  /** Origins whose pages may read answers; `*`: all. */
  corsOrigins: readonly string[];
  /** How long a service may take to begin its answer, and how long it may fall silent in it. */
  timeoutMs: number;
  /** How long a service that fails is left in peace before it is tried again. */
  breakerResetMs: number;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Other names under which a service's address is known. */
const aliases: Readonly<Partial<Record<ServiceName, string>>> = {
  products: 'CATALOG_SERVICE_URL',
  cart: 'CART_SERVICE_URL',
};

/** Throws one `ExitError` (exit code 2) that has a sentence for each bad value. */
export function readSettings(variables: Variables): GatewaySettings {
  const complaints: string[] = [];
  const read = <T>(name: string, fallback: T, { expected, parse }: Setting<T>): T => {
    // An empty variable counts as not set, as in a shell's `${NAME:-default}`.
    const text = variables[name] || undefined;
    const value = text === undefined ? fallback : parse(text);
    if (value === undefined) complaints.push(`${name} is ${JSON.stringify(text)}, but must be ${expected}.`);
    return value ?? fallback;
  };
  const services: Partial<Record<ServiceName, string>> = {};
  for (const service of serviceNames) {
    const names = [`${service.toUpperCase()}_URL`, aliases[service] ?? ''];
    const name = names.find((candidate) => variables[candidate]) ?? '';
    const url = read(name, '', address);
    if (url !== '') services[service] = url;
  }
  const settings = {
    services,
    rateLimit: read('RATE_LIMIT', 100, count),
    trustsLoadKey: read('TRUST_LOAD_KEY', false, onOff),
    corsOrigins: read('CORS_ORIGINS', [], origins),
    timeoutMs: read('UPSTREAM_TIMEOUT', 10_000, positiveMs),
    breakerResetMs: read('BREAKER_RESET', 5_000, positiveMs),
  };
  if (complaints.length > 0) throw new ExitError(complaints, 2);
  return settings;
}

interface Setting<T> {
  /** Completes "must be ...". */
  expected: string;
  parse: (text: string) => T | undefined;
}

const onOff: Setting<boolean> = {
  expected: '"on" or "off"',
  parse: (text) => ({ on: true, off: false })[text],
};

const count: Setting<number> = {
  expected: 'a number of requests per minute; 0 is no limit',
  parse: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined),
};

const positiveMs: Setting<number> = {
  expected: 'a duration such as "500ms" or "5s", longer than nothing',
  parse: (text) => parseDurationMs(text) || undefined,
};

const address: Setting<string> = {
  expected: 'an address such as "http://127.0.0.1:8001"',
  parse: (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url?.protocol === 'http:' || url?.protocol === 'https:' ? url.href.replace(/\/+$/, '') : undefined;
  },
};

/** An origin is a scheme, a host and perhaps a port, as browsers send it (RFC 6454, section 6). */
const origins: Setting<readonly string[]> = {
  expected: '"*", or origins such as "http://localhost:3000" with commas between them',
  parse: (text) => {
    const list = text.split(',').map((origin) => origin.trim());
    const areOrigins = list.every(
      (origin) => origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin),
    );
    return areOrigins ? list : undefined;
  },
};
