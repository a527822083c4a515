/** How the probes of `ready` and `live` are read: a new kind is one file here and one line below. */
import type { AllProbes, Probe, ProbeKindName } from '../probe-spec.ts';
import type { Problems } from '../problems.ts';
import type { Liveness } from '../project.ts';
import type { RawProbes } from '../raw.ts';
import type { PlacedService } from '../topology.ts';
import { readAmqp } from './amqp.ts';
import { readCommandProbe } from './command.ts';
import { readHttp } from './http.ts';
import { readLog } from './log.ts';
import type { ProbeSurroundings, Reader, Reading } from './reading.ts';
import { readSql } from './sql.ts';

/** In the order in which they are asked: what costs least comes first. */
const readers: { readonly [K in ProbeKindName]: Reader<K> } = {
  log: readLog,
  tcp: ({ tcp }) => (tcp === undefined ? undefined : { kind: 'tcp' }),
  http: readHttp,
  amqp: readAmqp,
  sql: readSql,
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

/** Who is to be watched has to have something that can be asked. */
export function checkWatched(
  { raw, name, pathOf }: PlacedService,
  { live }: { readonly live?: Liveness },
  problems: Problems,
): void {
  if (raw.live === undefined || raw.live === false || live !== undefined) return;
  problems.at(
    pathOf('live'),
    `\`${name}\` is to be asked whether it lives but has no port`,
    'add `port:`, or a `command` that asks it',
  );
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
