import { requestName } from '../lib/request-name.ts';
import type { Problems } from './problems.ts';
import type { LoadProfile, LoadRequest } from './project.ts';
import type { RawLoadProfile, RawLoadRequest } from './raw.ts';
import { HTTP_METHODS } from './schema/load.ts';
import { durationMs } from './supervision.ts';

const DEFAULT_DURATION_MS = 30_000;
const DEFAULT_WARMUP_MS = 1_000;
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_CONNECTIONS = 10;
const DEFAULT_USERS = 10;

/** What belongs to one load model only, and by which a profile shows which one it means. */
const OWN_KEYS = {
  saturate: ['requests', 'connections', 'processes', 'timeout'],
  users: ['journey', 'users', 'always', 'pause', 'iterations'],
} as const;
const CONTENT = { saturate: 'requests', users: 'journey' } as const;

/** The load profiles with defaults filled in. Their expressions stay text: the load engine compiles them. */
export function resolveLoadProfiles(
  raw: Readonly<Record<string, RawLoadProfile>>,
  problems: Problems,
): Map<string, LoadProfile> {
  return new Map(
    Object.entries(raw).map(([name, profile]) => [name, resolveProfile(name, profile, problems)]),
  );
}

function resolveProfile(name: string, raw: RawLoadProfile, problems: Problems): LoadProfile {
  const executor = executorOf(name, raw, problems);
  const common = {
    name,
    durationMs: durationMs(raw.duration, DEFAULT_DURATION_MS),
    warmupMs: durationMs(raw.warmup, DEFAULT_WARMUP_MS),
    thresholds: raw.thresholds ?? [],
  };
  if (executor === 'users') {
    return {
      ...{ ...common, executor, journey: raw.journey ?? [], always: raw.always ?? [] },
      users: raw.users ?? DEFAULT_USERS,
      pauseMs: durationMs(raw.pause, 0),
      ...(raw.iterations === undefined ? {} : { iterations: raw.iterations }),
    };
  }
  return {
    ...{ ...common, executor, requests: resolveRequests(name, raw.requests ?? [], problems) },
    timeoutMs: durationMs(raw.timeout, DEFAULT_TIMEOUT_MS),
    connections: raw.connections ?? DEFAULT_CONNECTIONS,
    processes: raw.processes ?? 1,
  };
}

/** Requests or a journey decide the model; what speaks of the other one is a mistake. */
function executorOf(name: string, raw: RawLoadProfile, problems: Problems): LoadProfile['executor'] {
  const { requests, journey } = raw;
  const executor = raw.executor ?? (journey === undefined ? 'saturate' : 'users');
  const content = CONTENT[executor];
  if (requests === undefined && journey === undefined) {
    const hint = 'add `requests:` (single requests) or `journey:` (steps of a user)';
    problems.at(['load', name], 'the load profile has neither `requests` nor a `journey`', hint);
  } else if (requests !== undefined && journey !== undefined) {
    const message = 'the load profile has both `requests` and a `journey`';
    problems.at(['load', name, 'journey'], message, 'make it two profiles');
    return executor;
  } else if (raw[content] === undefined) {
    const message = `the executor \`${executor}\` needs \`${content}\``;
    problems.at(['load', name, 'executor'], message, 'leave it out: it follows from the profile');
    return executor;
  }
  const others = executor === 'users' ? OWN_KEYS.saturate : OWN_KEYS.users;
  for (const key of others.filter((other) => raw[other] !== undefined)) {
    const message = `\`${key}\` has no meaning in a profile with \`${content}\``;
    problems.at(['load', name, key], message, `it knows: ${OWN_KEYS[executor].join(', ')}`);
  }
  return executor;
}

function resolveRequests(name: string, raw: readonly RawLoadRequest[], problems: Problems): LoadRequest[] {
  const requests = raw.map((request, index) =>
    resolveRequest(request, (message, hint) => problems.at(['load', name, 'requests', index], message, hint)),
  );
  for (const [index, request] of requests.entries()) {
    if (requests.findIndex((other) => other.name === request.name) < index) {
      problems.at(
        ['load', name, 'requests', index],
        `two requests are named \`${request.name}\``,
        'give each a `name:` of its own',
      );
    }
  }
  return requests;
}

function resolveRequest(raw: RawLoadRequest, report: (message: string, hint: string) => void): LoadRequest {
  const methods = HTTP_METHODS.filter((method) => raw[method] !== undefined);
  const [method = 'get', second] = methods;
  if (methods.length === 0) report('the request has no method', `add one of: ${HTTP_METHODS.join(', ')}`);
  if (second !== undefined) report(`the request has both \`${method}\` and \`${second}\``, 'keep one');
  if (raw.json !== undefined && raw.body !== undefined)
    report('the request has both `json` and `body`', 'keep one');
  const url = raw[method] ?? '';
  const status = raw.expect?.status ?? [];
  return {
    name: raw.name ?? requestName(method, url),
    weight: raw.weight ?? 1,
    method: method.toUpperCase(),
    url,
    headers: Object.fromEntries(
      Object.entries(raw.headers ?? {}).map(([key, value]) => [key.toLowerCase(), String(value)]),
    ),
    expectStatus: typeof status === 'number' ? [status] : status,
    ...(raw.json === undefined ? {} : { json: raw.json }),
    ...(raw.body === undefined ? {} : { body: raw.body }),
  };
}
