import { isAbsolute, resolve } from 'node:path';
import { commandWords } from '../lib/command-words.ts';
import { interpolate, type Lookup } from './interpolate.ts';
import { checkNeeds, needsOf } from './needs.ts';
import { checkNotify } from './notify.ts';
import type { Problems } from './problems.ts';
import type { ServiceSpec } from './project.ts';
import { durationMs, livenessOf, readiness, restartOf } from './supervision.ts';
import { authorityOf } from './tls.ts';
import { type PlacedService, suggestion } from './topology.ts';

const DEFAULT_STOP_GRACE_MS = 5_000;

export interface ServiceSurroundings {
  readonly root: string;
  readonly lookup: Lookup;
  /** Names such as `services.users.url` and `project.data` that `lookup` knows, for suggestions. */
  readonly facts: readonly string[];
  /** What services are given as AMQP_URL; empty for a topology without broker, absent for a project without one. */
  readonly amqpUrl?: string;
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
  const { problems, root } = surroundings;
  const text = (value: string, ...key: (string | number)[]) =>
    interpolated(value, pathOf(...key), surroundings);
  const common = commonOf(service, surroundings);
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
    cwd: absolute(root, raw.cwd === undefined ? '.' : text(raw.cwd, 'cwd')),
    env: { ...brokerAddress(service, surroundings), ...Object.fromEntries(env) },
    stopGraceMs: durationMs(raw.stop?.grace, DEFAULT_STOP_GRACE_MS),
    ...restartOf(raw),
    ...(raw.port === undefined ? {} : { port: raw.port }),
    ...(service.protocol === undefined ? {} : { protocol: service.protocol }),
  };
}

function brokerAddress(
  { protocol }: PlacedService,
  { amqpUrl }: ServiceSurroundings,
): Record<string, string> {
  return amqpUrl === undefined || protocol === 'amqp' ? {} : { AMQP_URL: amqpUrl };
}

/** What a service that we start and one that runs elsewhere have in common. */
function commonOf(service: PlacedService, surroundings: ServiceSurroundings) {
  const { raw, name, pathOf } = service;
  const contractPath = (text: string) =>
    absolute(surroundings.root, interpolated(text, pathOf('contract'), surroundings));
  const ca = raw.tls && interpolated(raw.tls.ca, pathOf('tls', 'ca'), surroundings);
  return {
    name,
    ...needsOf(service),
    ready: readiness(raw),
    ...livenessOf(raw),
    required: raw.required ?? true,
    ...(raw.contract === undefined ? {} : { contract: contractPath(raw.contract) }),
    ...(raw.simulate === undefined ? {} : { simulate: raw.simulate }),
    ...(ca === undefined ? {} : authorityOf(service, absolute(surroundings.root, ca), surroundings.problems)),
  };
}

/** Keys that mean something only for a service that we start would be ignored beside a url. */
function refuseKeysOfOwn({ raw, name, pathOf }: PlacedService, problems: Problems): void {
  for (const key of ['command', 'port', 'cwd', 'env', 'stop', 'job', 'restart'] as const) {
    if (raw[key] === undefined) continue;
    problems.at(
      pathOf(key),
      `\`${name}\` has both \`url\` and \`${key}\``,
      'keep one: what has a url is not started',
    );
  }
}

/** What is asked over the network needs somebody who listens there. */
function checkAsked({ raw, name, pathOf }: PlacedService, problems: Problems): void {
  if (raw.ready?.http !== undefined && raw.ready.tcp !== undefined) {
    problems.at(pathOf('ready', 'tcp'), `\`${name}\` has two probes, http and tcp`, 'keep one');
  }
  if (raw.job === true) checkJob({ raw, name, pathOf }, problems);
  if (raw.port !== undefined || raw.url !== undefined) return;
  if (raw.live !== undefined && raw.live !== false)
    problems.at(pathOf('live'), `\`${name}\` is to be asked whether it lives but has no port`, 'add `port:`');
  if (raw.simulate !== undefined) {
    problems.at(pathOf('simulate'), `\`${name}\` takes faults at a path but has no port`, 'add `port:`');
  }
  if (raw.tls !== undefined) {
    problems.at(pathOf('tls'), `\`${name}\` has \`tls\` but no port`, 'add `port:`');
  }
  for (const probe of ['http', 'tcp'] as const) {
    if (raw.ready?.[probe] === undefined) continue;
    problems.at(
      pathOf('ready', probe),
      `\`${name}\` has ${probe === 'tcp' ? 'a' : 'an'} ${probe} probe but no port`,
      'add `port:`',
    );
  }
}

/** A job is done when it ends, so there is nothing to ask it. */
function checkJob(
  { raw, name, pathOf }: Pick<PlacedService, 'raw' | 'name' | 'pathOf'>,
  problems: Problems,
): void {
  if (raw.port !== undefined)
    problems.at(
      pathOf('port'),
      `\`${name}\` is a job, and a job listens nowhere`,
      'remove one of `job` and `port`',
    );
  for (const probe of ['http', 'tcp'] as const)
    if (raw.ready?.[probe] !== undefined)
      problems.at(
        pathOf('ready', probe),
        `\`${name}\` is a job: it is done when it has ended, not when it answers`,
        'remove the probe; `ready: { timeout: … }` limits how long it may take',
      );
  if (raw.restart !== undefined)
    problems.at(
      pathOf('restart'),
      `\`${name}\` is a job, and a job runs once`,
      'remove one of `job` and `restart`',
    );
}

function checkUrl(url: string, { name, pathOf, protocol }: PlacedService, problems: Problems): void {
  if (URL.canParse(url) && (protocol === 'amqp' || /^https?:/.test(url))) return;
  problems.at(
    pathOf('url'),
    `the url of \`${name}\` is no URL: ${url}`,
    'write http://HOST:PORT, with a port up to 65535',
  );
}

function requireHttps(url: string, { name, pathOf }: PlacedService, problems: Problems): void {
  if (url.startsWith('https:')) return;
  problems.at(
    pathOf('tls'),
    `\`${name}\` has \`tls\`, but its url is ${url}`,
    'write https://, or remove `tls`',
  );
}

/** A command line is split before variables are put in, so that a value with a space stays one argument. */
function commandOf(
  service: PlacedService,
  surroundings: ServiceSurroundings,
): [string, ...string[]] | undefined {
  const { raw, name, pathOf } = service;
  const { problems } = surroundings;
  if (raw.command === undefined) {
    problems.at(
      pathOf(),
      `\`${name}\` has neither \`command\` nor \`url\``,
      'say how to start it, or where it runs',
    );
    return undefined;
  }
  const split =
    typeof raw.command === 'string' ? commandWords(raw.command) : { ok: true as const, words: raw.command };
  if (!split.ok) {
    const hint = 'run a shell yourself: command: [sh, -c, "…"]';
    problems.at(
      pathOf('command'),
      `the command of \`${name}\` cannot be split into words: ${split.reason}`,
      hint,
    );
    return undefined;
  }
  const [program = '', ...args] = split.words.map((word) =>
    interpolated(word, pathOf('command'), surroundings),
  );
  if (program === '') {
    problems.at(
      pathOf('command'),
      `the command of \`${name}\` names no program`,
      'the first word is the program',
    );
  }
  return [program, ...args];
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
