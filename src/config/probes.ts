import { readCommand } from './command.ts';
import { readLogPattern } from './log-pattern.ts';
import type { AllProbes, Probe, ProbeKindName, StatusPattern, WrittenExpression } from './probe-spec.ts';
import type { Problems } from './problems.ts';
import type { RawProbes } from './raw.ts';
import type { PlacedService } from './topology.ts';

type ConfigPath = (string | number)[];

interface ProbeSurroundings {
  readonly problems: Problems;
  /** Where commands run. */
  readonly cwd: string;
  /** Puts variables into a text. */
  readonly fill: (text: string, path: ConfigPath) => string;
}

interface Reading extends ProbeSurroundings {
  readonly service: PlacedService;
  readonly section: 'ready' | 'live';
}

/** How each kind is read; in the order in which they are asked: what costs least comes first. */
const readers: { readonly [K in ProbeKindName]: (raw: RawProbes, reading: Reading) => Probe<K> | undefined } =
  {
    log: readLog,
    tcp: ({ tcp }) => (tcp === undefined ? undefined : { kind: 'tcp' }),
    http: ({ http }, reading) => (http === undefined ? undefined : readHttp(http, reading)),
    command: readCommandProbe,
  };

/** These knock at its port. */
const KNOCKING: readonly ProbeKindName[] = ['http', 'tcp'];

/** The probes that `ready` or `live` of a service names; undefined when it names none. */
export function probesOf(
  section: 'ready' | 'live',
  service: PlacedService,
  surroundings: ProbeSurroundings,
): Probe | AllProbes | undefined {
  const raw = service.raw[section];
  if (raw === undefined || raw === false) return undefined;
  const reading = { ...surroundings, service, section };
  refuseUnfit(raw, reading);
  const probes = Object.values(readers).flatMap((read) => read(raw, reading) ?? []);
  const [first] = probes;
  return probes.length > 1 ? { kind: 'all', probes } : first;
}

/** A job is done when it ends, so there is nothing to ask it; what is asked over the network needs a port. */
function refuseUnfit(raw: RawProbes, { service, section, problems }: Reading): void {
  const { name, pathOf } = service;
  const { job, port, url } = service.raw;
  for (const kind of Object.keys(readers)) {
    if (!Object.hasOwn(raw, kind)) continue;
    const path = pathOf(section, kind);
    if (job === true)
      problems.at(
        path,
        `\`${name}\` is a job: it is done when it has ended, not when it answers`,
        'remove the probe; `ready: { timeout: … }` limits how long it may take',
      );
    else if (kind === 'log' && url !== undefined)
      problems.at(
        path,
        `\`${name}\` runs elsewhere, and its output is not seen here`,
        'ask it by http or tcp',
      );
    else if (KNOCKING.some((knocking) => knocking === kind) && port === undefined && url === undefined)
      problems.at(path, needsPort(name, kind, section), 'add `port:`');
  }
}

const needsPort = (name: string, kind: string, section: 'ready' | 'live') =>
  section === 'live'
    ? `\`${name}\` is to be asked whether it lives but has no port`
    : `\`${name}\` has ${kind === 'tcp' ? 'a' : 'an'} ${kind} probe but no port`;

function readHttp(
  http: NonNullable<RawProbes['http']>,
  { service, section, problems }: Reading,
): Probe<'http'> {
  if (typeof http === 'string') return { kind: 'http', path: http };
  const { path, status, headers, body } = http;
  const placed: WrittenExpression | undefined =
    body === undefined
      ? undefined
      : { source: body, ...problems.spot(service.pathOf(section, 'http', 'body')) };
  const lowerCased = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    kind: 'http',
    path,
    ...(status === undefined ? {} : { status: listed(status) }),
    ...(headers === undefined ? {} : { headers: Object.fromEntries(lowerCased) }),
    ...(placed === undefined ? {} : { body: placed }),
  };
}

const listed = (status: StatusPattern | readonly StatusPattern[]): readonly StatusPattern[] =>
  typeof status === 'object' ? status : [status];

function readLog({ log }: RawProbes, { service, section, problems }: Reading): Probe<'log'> | undefined {
  if (log === undefined) return undefined;
  const pattern = readLogPattern(log);
  if (!('reason' in pattern)) return { kind: 'log', ...pattern };
  problems.at(
    service.pathOf(section, 'log'),
    `\`${service.name}\` waits for no line that can be meant: ${pattern.reason}`,
    pattern.hint,
  );
  return undefined;
}

function readCommandProbe(raw: RawProbes, reading: Reading): Probe<'command'> | undefined {
  if (raw.command === undefined) return undefined;
  const { service, section, problems, fill, cwd } = reading;
  const path = service.pathOf(section, 'command');
  const command = readCommand({
    command: raw.command,
    path,
    subject: `the command in \`${section}\` of \`${service.name}\``,
    fill: (word) => fill(word, path),
    problems,
  });
  return command === undefined ? undefined : { kind: 'command', command, cwd };
}
