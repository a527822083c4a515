import type { Problems } from './problems.ts';
import type { LoadProfile, LoadRequest } from './project.ts';
import { HTTP_METHODS, type RawLoadProfile, type RawLoadRequest } from './schema.ts';
import { durationMs } from './services.ts';

const DEFAULT_DURATION_MS = 30_000;
const DEFAULT_WARMUP_MS = 1_000;
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_CONNECTIONS = 10;

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
  const requests = raw.requests.map((request, index) =>
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
  return {
    name,
    executor: raw.executor ?? 'saturate',
    durationMs: durationMs(raw.duration, DEFAULT_DURATION_MS),
    warmupMs: durationMs(raw.warmup, DEFAULT_WARMUP_MS),
    timeoutMs: durationMs(raw.timeout, DEFAULT_TIMEOUT_MS),
    connections: raw.connections ?? DEFAULT_CONNECTIONS,
    processes: raw.processes ?? 1,
    requests,
    thresholds: raw.thresholds ?? [],
  };
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
    name: raw.name ?? `${method.toUpperCase()} ${url.replace(/^\$\{([\w-]+)\}/, '$1')}`,
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
