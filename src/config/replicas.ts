import { fileURLToPath } from 'node:url';
import { EDGE_SETTINGS, type EdgeSettings } from './edge-settings.ts';
import type { Probe } from './probe-spec.ts';
import type { Problems } from './problems.ts';
import type { OwnService, ServiceSpec } from './project.ts';
import type { RawService } from './raw.ts';
import type { PlacedService } from './topology.ts';

/** Which of its like a process is, counted from 1. */
const REPLICA = 'REPLICA';
const EDGE_PROGRAM = fileURLToPath(new URL('../topology/edge-main.js', import.meta.url));
const PROBE_EVERY_MS = 250;
const PROBE_TIMEOUT_MS = 2_000;

/**
 * Makes of a service with `replicas: 3` three services, `NAME-1` to `NAME-3`, each on any free port, and before them an
 * edge that has the service's name and port. Everybody else needs and asks the edge.
 */
export function withReplicas(placed: readonly PlacedService[], problems: Problems): readonly PlacedService[] {
  const names = placed.map(({ name }) => name);
  return placed.flatMap((service) => {
    const { count, by } = wanted(service.raw);
    if (service.raw.replicas === undefined || service.raw.url !== undefined) return [service];
    if (!areSupported(service, names, problems) || count === 1) return [service];
    const members = Array.from({ length: count }, (_, index) => memberOf(service, index + 1));
    return [edgeOf(service, { members: members.map((member) => member.name), by }), ...members];
  });
}

/** Tells each edge where its members are, and how they are asked, once that is known. */
export function completeEdges(
  specs: readonly ServiceSpec[],
  placed: readonly PlacedService[],
): ServiceSpec[] {
  return specs.map((spec) => {
    const edge = placed.find(({ name }) => name === spec.name)?.edge;
    if (edge === undefined || spec.kind !== 'own') return spec;
    const members = specs.filter((other): other is OwnService => edge.members.includes(other.name));
    const [first] = members;
    if (first === undefined) return spec;
    const settings: EdgeSettings = {
      ...{ service: spec.name, by: edge.by, probes: probesByEdge(first) },
      members: members.map(({ name, port = 0 }) => ({ name, port })),
      everyMs: PROBE_EVERY_MS,
      timeoutMs: Math.min(first.ready.timeoutMs, first.ready.tryMs ?? PROBE_TIMEOUT_MS),
    };
    return { ...spec, env: { ...spec.env, [EDGE_SETTINGS]: JSON.stringify(settings) } };
  });
}

/** What it can ask in passing: whoever passes connections through cannot look into what is encrypted. */
function probesByEdge({ ready: { probe }, tls }: OwnService): EdgeSettings['probes'] {
  const all = probe.kind === 'all' ? probe.probes : [probe];
  const asked = all.filter((one): one is Probe<'http'> => one.kind === 'http');
  return asked.length > 0 && tls === undefined ? asked : [{ kind: 'tcp' }];
}

function wanted({ replicas = 1 }: RawService) {
  const { count, by = 'request' as const } = typeof replicas === 'number' ? { count: replicas } : replicas;
  return { count, by };
}

/** A member asks and is asked as the service alone would be; only its contract is that of the service as a whole. */
function memberOf({ name, raw, pathOf }: PlacedService, index: number): PlacedService {
  const { replicas: _replicas, contract: _contract, ...rest } = raw;
  return {
    name: `${name}-${index}`,
    raw: { ...rest, port: 0, env: { ...raw.env, [REPLICA]: index } },
    pathOf,
    replicaOf: name,
  };
}

function edgeOf({ name, raw, pathOf }: PlacedService, edge: PlacedService['edge'] & object): PlacedService {
  // Contracts read the service's environment. Options of its Node are not meant for ours.
  const { NODE_OPTIONS: _options, ...env } = raw.env ?? {};
  const {
    cwd: _cwd,
    live = {},
    simulate: _simulate,
    replicas: _replicas,
    watch: _watch,
    eager: _eager,
    ...rest
  } = raw;
  // A member that fails is no reason to start the edge again: it is asked only whether it accepts connections, which it
  // does once its members have been asked.
  const asked = live === false ? false : only(live, 'every', 'timeout', 'failures', 'start-period');
  return {
    name,
    raw: {
      ...rest,
      command: [process.execPath, EDGE_PROGRAM].map((word) => word.replaceAll('$', '$$$$')),
      needs: edge.members,
      env,
      live: asked,
      ready: only(raw.ready ?? {}, 'timeout', 'every'),
    },
    pathOf,
    edge,
  };
}

/** Those of the keys that are there. */
function only<T extends object, K extends keyof T>(from: T, ...keys: readonly K[]): Partial<Pick<T, K>> {
  const picked: Partial<Pick<T, K>> = {};
  for (const key of keys) if (from[key] !== undefined) picked[key] = from[key];
  return picked;
}

/** @returns whether the service can have replicas; why not is reported */
function areSupported(
  { name, raw, pathOf, protocol }: PlacedService,
  names: readonly string[],
  problems: Problems,
): boolean {
  const { count, by } = wanted(raw);
  const refuse = (message: string, hint: string) => {
    problems.at(pathOf('replicas'), message, hint);
    return false;
  };
  if (protocol === 'amqp')
    return refuse('the broker is one: queues of one broker are not those of another', 'remove `replicas`');
  if (raw.job === true)
    return refuse(`\`${name}\` is a job, and a job runs once`, 'remove one of `job` and `replicas`');
  if (raw.port === undefined)
    return refuse(
      `\`${name}\` has \`replicas\` but no port at which they could take turns`,
      'add `port:`, or write an entry for each process',
    );
  if (raw.tls !== undefined && by === 'request')
    return refuse(
      `\`${name}\` speaks HTTPS, and requests that are encrypted cannot be shared out`,
      `share out connections: replicas: { count: ${count}, by: connection }`,
    );
  if (raw.env?.[REPLICA] !== undefined)
    return refuse(`\`replicas\` sets ${REPLICA} of \`${name}\` already`, `remove ${REPLICA} from its env`);
  const clash = names.find((other) => other.startsWith(`${name}-`) && isMember(other, name, count));
  if (clash !== undefined)
    return refuse(
      `a replica of \`${name}\` would have the name of the service \`${clash}\``,
      'rename one of the two',
    );
  return true;
}

function isMember(other: string, name: string, count: number): boolean {
  const number = Number(other.slice(name.length + 1));
  return String(number) === other.slice(name.length + 1) && number >= 1 && number <= count;
}
