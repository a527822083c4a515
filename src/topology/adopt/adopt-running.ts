import {
  baseUrl,
  type ForeignService,
  type OwnService,
  type Readiness,
  type ServiceSpec,
} from '../../config/project.ts';
import { type Problem, ShopctlError } from '../../errors/index.ts';
import { answeringOn } from '../answering-on.ts';
import { describeOwner, settledListener } from '../port-owner.ts';
import { listed } from '../probes/index.ts';
import type { Listener, ProcessIdentity, ProcessTable } from '../process-table.ts';
import { identify } from './identify.ts';

/**
 * The services of a plan, those that somebody already runs on their ports as services that are only probed and watched:
 * nothing of theirs is ever stopped. The others are as they were.
 * @throws ShopctlError `port-taken` naming whatever is on a port and differs from the service, and in what
 */
export async function adoptRunning(
  services: readonly ServiceSpec[],
  table: ProcessTable,
): Promise<ServiceSpec[]> {
  const problems: Problem[] = [];
  const found: ServiceSpec[] = [];
  for (const spec of services) {
    const outcome = await adoptOne(spec, table);
    if ('name' in outcome) found.push(outcome);
    else problems.push(outcome);
  }
  const [first] = problems;
  if (first === undefined) return found;
  throw new ShopctlError('port-taken', {
    message:
      problems.length === 1 ? first.message : `${problems.length} ports are taken; nothing was started`,
    ...(problems.length === 1 ? { hint: first.hint ?? '' } : { problems }),
  });
}

async function adoptOne(spec: ServiceSpec, table: ProcessTable): Promise<ServiceSpec | Problem> {
  // A job is what it does, not what runs.
  if (spec.kind !== 'own' || spec.port === undefined || spec.ready.probe.kind === 'exit') return spec;
  const { port } = spec;
  const [address, listeners] = answering(await listenersOn(port, table));
  let adopted: ProcessIdentity | undefined;
  for (const listener of listeners) {
    const identity = await identify(spec, listener, table);
    if (identity.kind === 'other') return refusal({ ...spec, port }, { listener, identity, table });
    adopted ??= identity.process;
  }
  return adopted === undefined ? spec : asAdopted({ ...spec, port }, adopted, address);
}

async function listenersOn(port: number, table: ProcessTable): Promise<readonly Listener[]> {
  const settled = await settledListener(port, table);
  return settled === undefined ? [] : table.listeners(port);
}

/** Those that get our connections, and the address at which they do. */
function answering(listeners: readonly Listener[]): [string, readonly Listener[]] {
  for (const address of ['127.0.0.1', '::1']) {
    const heard = answeringOn(listeners, address);
    if (heard.length > 0) return [address, heard];
  }
  return ['127.0.0.1', listeners];
}

type Listening = OwnService & { readonly port: number };

function asAdopted(spec: Listening, { pid, startTime }: ProcessIdentity, address: string): ForeignService {
  const { name, needs, needsStarted, ready, live, database, contract, simulate, tls, required, port } = spec;
  const url = baseUrl(spec) ?? '';
  return {
    kind: 'foreign',
    name,
    needs,
    ready: { ...ready, probe: askable(ready.probe) },
    required,
    ...(needsStarted === undefined ? {} : { needsStarted }),
    ...(live === undefined ? {} : { live }),
    ...(database === undefined ? {} : { database }),
    ...(contract === undefined ? {} : { contract }),
    ...(simulate === undefined ? {} : { simulate }),
    ...(tls === undefined ? {} : { tls }),
    url: address === '::1' ? url.replace('127.0.0.1', '[::1]') : url,
    adopted: { pid, startTime, port, env: spec.env },
  };
}

/** What it writes goes elsewhere, so that no line of it can be waited for; its port can. */
function askable(probe: Readiness['probe']): Readiness['probe'] {
  const probes = listed(probe).filter(({ kind }) => kind !== 'log');
  const [first, second] = probes;
  if (first === undefined) return { kind: 'tcp' };
  return second === undefined ? first : { kind: 'all', probes };
}

interface Misfit {
  readonly listener: Listener;
  readonly identity: { readonly differences: readonly string[] };
  readonly table: ProcessTable;
}

async function refusal({ name, port }: Listening, { listener, identity, table }: Misfit): Promise<Problem> {
  const [pid] = listener.pids;
  const owner = await describeOwner(listener, table);
  const stop =
    pid === undefined ? 'find it with `sudo ss -ltnp` and stop it' : `stop it with \`kill ${pid}\``;
  return {
    message: `port ${port} of ${name} is taken by ${owner}, which cannot be adopted: ${identity.differences.join('; ')}`,
    hint: `${stop}, or start ${name} by hand exactly as the configuration says`,
  };
}
