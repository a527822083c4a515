import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { messageOf, ShopctlError } from '../errors/index.ts';
import { compileSchema } from '../lib/json-schema.ts';
import { knownSource, parseSource, type SourceDocument, schemaProblems } from '../source/index.ts';
import { BROKER, type BrokerMember, brokerMember } from './broker.ts';
import { keepChecked, recallChecked } from './checked-before.ts';
import { withFreePorts } from './free-ports.ts';
import { interpolate } from './interpolate.ts';
import { resolveLoadProfiles } from './load-profiles.ts';
import { logLimits } from './logs.ts';
import { gatherProblems, invalid, type Problems } from './problems.ts';
import type { Project, ProjectBroker } from './project.ts';
import { stateDirOf } from './project-folder.ts';
import type { RawConfig, RawService, RawSuites } from './raw.ts';
import { completeEdges, withReplicas } from './replicas.ts';
import { configSchema } from './schema/config.ts';
import { resolveServices } from './services.ts';
import { chooseTopology, type PlacedService } from './topology.ts';

export interface ProjectRequest {
  /** Path of the configuration file. */
  readonly file: string;
  readonly topology?: string;
  /** A project of its own beside others of the same file, with a folder, state and data of its own. */
  readonly project?: string;
  /** Every service has any free port, whatever the file says. */
  readonly freePorts?: boolean;
  /** Ports that services with any free port were given, by name. */
  readonly ports?: ReadonlyMap<string, number>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the user stands: file names in errors are relative to it. */
  readonly cwd: string;
  /** `fresh`: the run gets a data folder of its own, which whoever starts the services empties first. */
  readonly data?: 'kept' | 'fresh';
  /** Program and first arguments with which shopctl itself is started; the embedded broker is a process of it. */
  readonly program?: readonly string[];
  /** Chosen by the user with `--seed`. */
  readonly seed?: number;
}

const DEFAULT_SUITES = ['suites/**/*.yaml'];

/**
 * Reads, checks and resolves a configuration file for one topology. Outside the file only certificates that it names
 * are read.
 *
 * @throws ShopctlError `config-not-found`, `yaml-syntax`, or `config-invalid` with every mistake found
 */
export function loadProject(request: ProjectRequest): Project {
  const { file, topology, env, cwd, data = 'kept', program = ['shopctl'] } = request;
  const path = resolve(cwd, file);
  const root = dirname(path);
  const stateDir = stateDirOf(root, request.project);
  const { source, written } = readChecked(
    relative(cwd, path) || basename(path),
    readConfig(path, file),
    stateDir,
  );
  const problems = gatherProblems(source);
  const seed = request.seed === undefined ? {} : { seed: request.seed };
  const member =
    written.broker &&
    brokerMember(written.broker, { lookup: (name) => env[name], program, problems, ...seed });
  const raw = withBroker(written, member, problems);
  const chosen = chooseTopology(raw, topology, problems);
  const members = withReplicas(chosen.services, problems);
  const onPorts = withFreePorts(members, {
    everywhere: request.freePorts ?? false,
    given: request.ports ?? new Map(),
    ...{ stateDir, env },
  });
  // One folder a topology: another topology's services may seed and shape their data differently.
  const dataDir = join(stateDir, data === 'fresh' ? 'fresh-data' : 'data', chosen.name);
  const facts = factsOf(onPorts, env).set('project.data', dataDir).set('project.root', root);
  const resolved = resolveServices(onPorts, {
    root,
    lookup: (name) => facts.get(name) ?? (name === DATA_ID ? folderId(dataDir) : env[name]),
    facts: [...facts.keys(), DATA_ID],
    ...(member === undefined ? {} : { amqpUrl: amqpUrl(member, facts) }),
    ...logLimits(raw.logs, problems),
    problems,
  });
  const services = completeEdges(resolved, onPorts);
  const load = resolveLoadProfiles(raw.load ?? {}, problems);
  problems.throwIfAny();
  return {
    name: raw.name ?? safeName(basename(root)),
    ...(request.project === undefined ? {} : { project: request.project }),
    root,
    stateDir,
    dataDir,
    hasFreshData: data === 'fresh',
    topology: chosen.name,
    services,
    suites: { e2e: globs(chosen.raw.suites) ?? globs(raw.suites) ?? DEFAULT_SUITES },
    load,
    ...(member === undefined ? {} : { broker: projectBroker(member, facts) }),
    source,
  };
}

/** Found out for who asks: to load what computes it takes longer than to read the whole file. */
const DATA_ID = 'project.data.id';

/** Eight letters and digits that no other folder has, for names outside it, such as that of a database on a server. */
const folderId = (folder: string) => createHash('sha256').update(folder).digest('hex').slice(0, 8);

function withBroker(raw: RawConfig, member: BrokerMember | undefined, problems: Problems): RawConfig {
  if (member === undefined) return raw;
  if (Object.hasOwn(raw.services, BROKER))
    problems.at(
      ['services', BROKER],
      `\`${BROKER}\` is what \`broker:\` stands for`,
      'rename one of the two',
    );
  return { ...raw, services: { ...raw.services, [BROKER]: member.raw } };
}

/** Empty in a topology that has no broker: a service there must not find the one that the environment names. */
function amqpUrl({ url, credentials }: BrokerMember, facts: ReadonlyMap<string, string>): string {
  const own = facts.get(`services.${BROKER}.url`);
  return own === undefined ? '' : (url ?? withCredentials(own, credentials));
}

/** Without any, every client is `guest`. */
function withCredentials(text: string, { user, password } = { user: 'guest', password: 'guest' }): string {
  if (user === 'guest' && password === 'guest') return text;
  return text.replace('://', () => `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
}

function projectBroker(member: BrokerMember, facts: ReadonlyMap<string, string>): ProjectBroker {
  const { credentials, managementUrl } = member;
  const url = amqpUrl(member, facts);
  return {
    ...(url === '' ? {} : { url }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(managementUrl === undefined ? {} : { managementUrl }),
  };
}

function readConfig(path: string, asGiven: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ShopctlError('config-not-found', {
      message: `the configuration file ${asGiven} cannot be read: ${messageOf(error)}`,
      cause: error,
    });
  }
}

interface CheckedSource {
  readonly source: SourceDocument;
  /** The data of the source. */
  readonly written: RawConfig;
}

/** A text that has been found to be in order once is not read and checked again. */
function readChecked(name: string, text: string, stateDir: string): CheckedSource {
  const known = recallChecked(stateDir, text);
  if (known !== undefined)
    return { source: knownSource(name, text, known.data), written: known.data as RawConfig };
  const source = parseSource(name, text);
  const written = checkShape(source);
  keepChecked(stateDir, text, written);
  return { source, written };
}

const configCheck = compileSchema<RawConfig>(configSchema);

function checkShape(source: SourceDocument): RawConfig {
  const { data } = source;
  if (configCheck.fits(data)) return data;
  throw invalid(source, schemaProblems(source, configCheck.errors()));
}

/** `services.NAME.url` and `.port` are known before anything starts, since every port is. */
function factsOf(services: readonly PlacedService[], env: ProjectRequest['env']): Map<string, string> {
  const facts = new Map<string, string>();
  for (const { name, raw, protocol } of services) {
    const url = raw.url ?? ownUrl(raw, protocol);
    if (url !== undefined) facts.set(`services.${name}.url`, url);
    if (raw.port !== undefined) facts.set(`services.${name}.port`, String(raw.port));
  }
  for (const { name, raw } of services) {
    const url = interpolate(raw.url ?? '', (variable) => facts.get(variable) ?? env[variable]);
    // Where it cannot be put together, that is reported at the url itself.
    if (raw.url !== undefined && url.ok) facts.set(`services.${name}.url`, url.text);
  }
  return facts;
}

function ownUrl({ port, tls }: RawService, protocol: string = tls === undefined ? 'http' : 'https') {
  return port === undefined ? undefined : `${protocol}://127.0.0.1:${port}`;
}

function globs(suites: RawSuites | undefined): readonly string[] | undefined {
  if (suites?.e2e === undefined) return undefined;
  return typeof suites.e2e === 'string' ? [suites.e2e] : suites.e2e;
}

function safeName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+/, '');
  return name === '' ? 'project' : name;
}
