/** How traces are sampled, and where they go: the standard variables of OpenTelemetry, read and checked. */
export interface TracingSettings {
  /** Where OTLP/HTTP requests go, path included. */
  url: string;
  /** May hold credentials; never logged. */
  headers: Readonly<Record<string, string>>;
  /** For one batch, its repetitions included. */
  timeoutMs: number;
  /** Undefined: the service's own name. */
  serviceName: string | undefined;
  resource: Readonly<Record<string, string>>;
  sampler: SamplerName;
  /** From 0 to 1, for the samplers that take a share. */
  ratio: number;
  /** How long a span waits for others at most. */
  delayMs: number;
  /** How many spans wait at most; further ones are dropped. */
  queueSize: number;
}

/** A setting of the environment: completes "must be ...", and reads it. */
interface Reading<T> {
  expected: string;
  parse: (text: string) => T | undefined;
  neutral: T;
  isSecret?: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;
type Read = <T>(name: string, fallback: string, setting: Reading<T>) => T;

export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof samplerNames)[number];

/** Undefined: no endpoint is set, or tracing is switched off; then nothing else is looked at. */
export function readTracing(variables: Variables, read: Read): TracingSettings | undefined {
  const endpoint = endpointOf(variables);
  if (endpoint === undefined || read('OTEL_SDK_DISABLED', 'false', trueFalse)) return undefined;
  if (read('OTEL_TRACES_EXPORTER', 'otlp', exporter) === 'none') return undefined;
  /** What is said of traces goes before what is said of everything. */
  const readTraces = <T>(name: string, fallback: string, setting: Reading<T>) => {
    const own = `OTEL_EXPORTER_OTLP_TRACES_${name}`;
    return read(variables[own] ? own : `OTEL_EXPORTER_OTLP_${name}`, fallback, setting);
  };
  readTraces('PROTOCOL', 'http/json', protocol);
  const url = read(endpoint, '', address);
  return {
    url: endpoint.includes('TRACES') ? url : withPath(url),
    headers: readTraces('HEADERS', '', headers),
    timeoutMs: readTraces('TIMEOUT', '10000', milliseconds),
    serviceName: variables['OTEL_SERVICE_NAME'] || undefined,
    resource: read('OTEL_RESOURCE_ATTRIBUTES', '', attributes),
    sampler: read('OTEL_TRACES_SAMPLER', 'parentbased_always_on', sampler),
    ratio: read('OTEL_TRACES_SAMPLER_ARG', '1', ratio),
    delayMs: read('OTEL_BSP_SCHEDULE_DELAY', '5000', milliseconds),
    queueSize: read('OTEL_BSP_MAX_QUEUE_SIZE', '2048', queueSize),
  };
}

function endpointOf(variables: Variables): string | undefined {
  const names = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTLP_ENDPOINT'];
  return names.find((name) => variables[name]);
}

/** The endpoint of all signals is a base; that of traces alone is used as it is. */
function withPath(base: string): string {
  if (base === '') return '';
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
  return url.href;
}

const address: Reading<string> = {
  expected: 'the address of an OTLP/HTTP receiver such as "http://127.0.0.1:4318"',
  parse: (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    return url !== undefined && ['http:', 'https:'].includes(url.protocol) ? url.href : undefined;
  },
  neutral: '',
  // It may hold a password.
  isSecret: true,
};

const trueFalse: Reading<boolean> = {
  expected: '"true" or "false"',
  parse: (text) => ({ true: true, false: false })[text.toLowerCase()],
  neutral: false,
};

const exporter: Reading<string> = {
  expected: '"otlp" or "none"',
  parse: (text) => ['otlp', 'none'].find((name) => name === text),
  neutral: 'otlp',
};

const protocol: Reading<string> = {
  expected: '"http/json", the one that this service speaks',
  parse: (text) => (text === 'http/json' ? text : undefined),
  neutral: '',
};

const milliseconds: Reading<number> = {
  expected: 'a whole number of milliseconds from 1 to 600000',
  parse: (text) => wholeNumber(text, 600_000),
  neutral: 1,
};

const queueSize: Reading<number> = {
  expected: 'a whole number of spans from 1 to 100000',
  parse: (text) => wholeNumber(text, 100_000),
  neutral: 1,
};

function wholeNumber(text: string, most: number): number | undefined {
  return /^[1-9]\d{0,5}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

const sampler: Reading<SamplerName> = {
  expected: `one of ${samplerNames.join(', ')}`,
  parse: (text) => samplerNames.find((name) => name === text),
  neutral: 'always_off',
};

const ratio: Reading<number> = {
  expected: 'a number from 0 to 1 such as "0.25"',
  parse: (text) => (/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/.test(text) ? Number(text) : undefined),
  neutral: 0,
};

const attributes: Reading<Record<string, string>> = {
  expected:
    'a list such as "deployment.environment.name=test,team=shop", other characters encoded as in "%2C"',
  parse: (text) => parsePairs(text, /^[\w.\-/]{1,255}$/),
  neutral: {},
};

const headers: Reading<Record<string, string>> = {
  expected: 'a list such as "api-key=abc,other=def", other characters encoded as in "%2C"',
  parse: (text) => parsePairs(text, /^[\w!#$%&'*+.^`|~-]{1,255}$/),
  neutral: {},
  isSecret: true,
};

/** `key=value` with commas between them, values percent-encoded (W3C Baggage, without properties). */
function parsePairs(text: string, key: RegExp): Record<string, string> | undefined {
  const pairs: [string, string][] = [];
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(at, 0)).trim();
    const value = decode(pair.slice(at + 1).trim());
    if (!key.test(name) || value === undefined) return undefined;
    pairs.push([name, value]);
  }
  return Object.fromEntries(pairs);
}

/** Undefined for what is no text of one line, which neither a header nor a label can be. */
function decode(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text);
    return /^[^\p{Cc}]{0,1000}$/u.test(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
