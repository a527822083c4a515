import { isAbsolute, resolve } from 'node:path';
import { readCommand } from './command.ts';
import { databaseOf } from './database.ts';
import { checkAsked, checkUrl, refuseKeysOfOwn, requireHttps } from './fitting-keys.ts';
import { interpolate, type Lookup } from './interpolate.ts';
import { checkNeeds, needsOf } from './needs.ts';
import { checkNotify } from './notify.ts';
import { checkWatched, probesOf } from './probes/index.ts';
import type { Problems } from './problems.ts';
import type { LogLimits, ServiceSpec } from './project.ts';
import { durationMs, livenessOf, readiness, restartOf } from './supervision.ts';
import { authorityOf } from './tls.ts';
import { type PlacedService, suggestion } from './topology.ts';
import { watchOf } from './watch.ts';

const DEFAULT_STOP_GRACE_MS = 5_000;

export interface ServiceSurroundings {
  readonly root: string;
  readonly lookup: Lookup;
  /** Names such as `services.users.url` and `project.data` that `lookup` knows, for suggestions. */
  readonly facts: readonly string[];
  /** What services are given as AMQP_URL; empty for a topology without broker, absent for a project without one. */
  readonly amqpUrl?: string;
  /** Of every service that we start. */
  readonly logs?: LogLimits;
  readonly problems: Problems;
}

/** Turns the services of a topology into what the engines start, in an order in which needs come first. */
export function resolveServices(
  placed: readonly PlacedService[],
  surroundings: ServiceSurroundings,
): ServiceSpec[] {
  const specs = placed.flatMap((service) => {
    checkNeeds(service, placed, surroundings.problems);
    const spec = resolveService(service, surroundings);
    return spec === undefined ? [] : [spec];
  });
  checkPorts(placed, surroundings.problems);
  return inStartOrder(specs, placed, surroundings.problems);
}

function resolveService(service: PlacedService, surroundings: ServiceSurroundings): ServiceSpec | undefined {
  const { raw, name, pathOf } = service;
  const { problems } = surroundings;
  const text = (value: string, ...key: (string | number)[]) =>
    interpolated(value, pathOf(...key), surroundings);
  const cwd = folderOf(service, surroundings);
  const common = commonOf(service, cwd, surroundings);
  checkAsked(service, problems);
  checkNotify(service, problems);
  if (raw.url !== undefined) {
    refuseKeysOfOwn(service, problems);
    const url = text(raw.url, 'url');
    const isPutTogether = url !== raw.url || !url.includes('${');
    if (isPutTogether) checkUrl(url, service, problems);
    if (isPutTogether && common.tls !== undefined) requireHttps(url, service, problems);
    return { ...common, kind: 'foreign', url };
  }
  const command = commandOf(service, surroundings);
  if (command === undefined) return undefined;
  if (raw.env?.['PORT'] !== undefined && raw.port !== undefined) {
    problems.at(pathOf('env', 'PORT'), `\`port\` sets PORT of \`${name}\` already`, 'keep one');
  }
  const env = Object.entries(raw.env ?? {}).map(([key, value]) => [key, text(String(value), 'env', key)]);
  return {
    ...common,
    kind: 'own',
    command,
    cwd,
    env: { ...brokerAddress(service, surroundings), ...Object.fromEntries(env) },
    stopGraceMs: durationMs(raw.stop?.grace, DEFAULT_STOP_GRACE_MS),
    ...restartOf(raw),
    ...(surroundings.logs === undefined ? {} : { logs: surroundings.logs }),
    ...watchOf(service, surroundings),
    ...(raw.eager === true ? { eager: raw.eager } : {}),
    ...addressOf(service),
  };
}

function addressOf({ raw: { port }, freePort, replicaOf, protocol }: PlacedService) {
  return {
    ...(port === undefined ? {} : { port }),
    ...(freePort === undefined ? {} : { freePort }),
    ...(replicaOf === undefined ? {} : { replicaOf }),
    ...(protocol === undefined ? {} : { protocol }),
  };
}

function brokerAddress(
  { protocol }: PlacedService,
  { amqpUrl }: ServiceSurroundings,
): Record<string, string> {
  return amqpUrl === undefined || protocol === 'amqp' ? {} : { AMQP_URL: amqpUrl };
}

/** What a service that we start and one that runs elsewhere have in common. */
function commonOf(service: PlacedService, cwd: string, surroundings: ServiceSurroundings) {
  const { raw, name, pathOf } = service;
  const contractPath = (text: string) =>
    absolute(surroundings.root, interpolated(text, pathOf('contract'), surroundings));
  const { problems, root } = surroundings;
  const fill = (text: string, path: (string | number)[]) => interpolated(text, path, surroundings);
  const database = databaseOf(service, { problems, fill, absolute: (path) => absolute(root, path) });
  const asking = { problems, fill, cwd, database, amqpUrl: surroundings.amqpUrl };
  const ready = readiness(raw, probesOf('ready', service, asking));
  const watched = livenessOf(raw, ready, probesOf('live', service, asking));
  checkWatched(service, watched, problems);
  const ca = raw.tls && interpolated(raw.tls.ca, pathOf('tls', 'ca'), surroundings);
  return {
    name,
    ...needsOf(service),
    ready,
    ...watched,
    ...(database === undefined ? {} : { database }),
    required: raw.required ?? true,
    ...(raw.contract === undefined ? {} : { contract: contractPath(raw.contract) }),
    ...(raw.simulate === undefined ? {} : { simulate: raw.simulate }),
    ...(ca === undefined ? {} : authorityOf(service, absolute(surroundings.root, ca), surroundings.problems)),
  };
}

function commandOf(
  { raw, name, pathOf }: PlacedService,
  surroundings: ServiceSurroundings,
): [string, ...string[]] | undefined {
  const { problems } = surroundings;
  const { command } = raw;
  if (command === undefined) {
    problems.at(
      pathOf(),
      `\`${name}\` has neither \`command\` nor \`url\``,
      'say how to start it, or where it runs',
    );
    return undefined;
  }
  const path = pathOf('command');
  const fill = (word: string) => interpolated(word, path, surroundings);
  return readCommand({ command, path, subject: `the command of \`${name}\``, fill, problems });
}

function interpolated(
  text: string,
  path: (string | number)[],
  { lookup, facts, problems }: ServiceSurroundings,
): string {
  const result = interpolate(text, lookup);
  if (result.ok) return result.text;
  const near = result.name?.includes('.') ? suggestion(result.name, facts) : result.hint;
  problems.at(path, result.reason, near);
  return text;
}

function folderOf({ raw, pathOf }: PlacedService, surroundings: ServiceSurroundings): string {
  const { root } = surroundings;
  return raw.cwd === undefined ? root : absolute(root, interpolated(raw.cwd, pathOf('cwd'), surroundings));
}

const absolute = (root: string, path: string) => (isAbsolute(path) ? path : resolve(root, path));

function checkPorts(placed: readonly PlacedService[], problems: Problems): void {
  const owners = new Map<number, string>();
  for (const { raw, name, pathOf } of placed) {
    if (raw.port === undefined || raw.url !== undefined) continue;
    const owner = owners.get(raw.port);
    if (owner === undefined) owners.set(raw.port, name);
    else
      problems.at(
        pathOf('port'),
        `\`${name}\` and \`${owner}\` both want port ${raw.port}`,
        'give each its own',
      );
  }
}

function inStartOrder(
  specs: readonly ServiceSpec[],
  placed: readonly PlacedService[],
  problems: Problems,
): ServiceSpec[] {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const done: ServiceSpec[] = [];
  const visit = (spec: ServiceSpec, trail: readonly string[]): void => {
    if (done.includes(spec)) return;
    if (trail.includes(spec.name)) {
      const cycle = [...trail.slice(trail.indexOf(spec.name)), spec.name];
      const pathOf = placed.find(({ name }) => name === spec.name)?.pathOf;
      problems.at(
        pathOf?.('needs') ?? [],
        `services need each other in a circle: ${cycle.join(' → ')}`,
        'remove one of the needs',
      );
      done.push(spec);
      return;
    }
    for (const need of spec.needs) {
      const needed = byName.get(need);
      if (needed !== undefined && needed !== spec) visit(needed, [...trail, spec.name]);
    }
    if (!done.includes(spec)) done.push(spec);
  };
  for (const spec of specs) visit(spec, []);
  return done;
}
