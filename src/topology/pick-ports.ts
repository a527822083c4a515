import { once } from 'node:events';
import { createServer } from 'node:net';
import { noneLeft, portCandidates, portRange } from '../config/free-ports.ts';
import type { OwnService } from '../config/project.ts';
import { leftoversOf } from './leftovers.ts';
import { lockDir, lockHolder } from './lock.ts';
import type { TopologyPlan } from './plan.ts';
import { processTable } from './platform.ts';
import { claimPort, withdrawPort } from './port-claims.ts';
import type { ProcessTable } from './process-table.ts';
import { readState, type TopologyState } from './state.ts';

export interface PortQuestion {
  readonly plan: TopologyPlan;
  /** True: services are about to be started, so ports that are taken are no good. */
  readonly pick: boolean;
  /** May hold SHOPCTL_PORT_RANGE. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The ports of services that have no port of their own (`port: 0`, `--free-ports`): those of the run that goes on, else
 * those of the last run, else others. A run that goes on may have more of them than the plan.
 * @throws ShopctlError `port-taken` when there is none left, `state-unusable`
 */
export async function portsOf({ plan, pick, env }: PortQuestion): Promise<ReadonlyMap<string, number>> {
  const wanted = plan.services.flatMap((spec) => (isFree(spec) ? [spec] : []));
  const state = readState(plan.stateDir);
  const recorded = recordedPorts(state);
  if (wanted.length === 0 && recorded.size === 0) return recorded;
  const table = processTable();
  const runs = state !== undefined && (await isSupervised(plan, state, table));
  if (runs && state.topology === plan.topology) return recorded;
  const own = new Map(wanted.map(({ name, port }) => [name, recorded.get(name) ?? port]));
  if (!pick || runs) return own;
  const leftovers = state === undefined ? [] : await leftoversOf(state, table);
  return await pickPorts({ plan, wanted, own, env, ours: leftovers.map(({ service }) => service.port) });
}

interface Pick {
  readonly plan: TopologyPlan;
  readonly wanted: readonly FreeService[];
  /** Tried first, by name. */
  readonly own: ReadonlyMap<string, number>;
  readonly env: PortQuestion['env'];
  /** Held by processes that are ended before anything starts. */
  readonly ours: readonly (number | undefined)[];
}

async function pickPorts({ plan, wanted, own, env, ours }: Pick): Promise<ReadonlyMap<string, number>> {
  const range = portRange(env);
  const fixed = plan.services.flatMap((spec) =>
    spec.kind === 'own' && spec.port !== undefined && spec.freePort === undefined ? [spec.port] : [],
  );
  const taken = new Set(fixed);
  const hoped = new Set(own.values());
  const picked = new Map<string, number>();
  for (const { name } of wanted) {
    const candidates = inOrder(
      own.get(name),
      portCandidates({ stateDir: plan.stateDir, name, range }),
      hoped,
    );
    const port = await firstFree(candidates, { taken, ours });
    taken.add(port);
    picked.set(name, port);
  }
  return picked;
}

/** What a service hopes for first, then the others; what another one hopes for is left to it. */
function* inOrder(first: number | undefined, others: Iterable<number>, hoped: ReadonlySet<number>) {
  if (first !== undefined) yield first;
  for (const port of others) if (!hoped.has(port)) yield port;
}

async function firstFree(
  candidates: Iterable<number>,
  { taken, ours }: { readonly taken: ReadonlySet<number>; readonly ours: readonly (number | undefined)[] },
): Promise<number> {
  for (const port of candidates) {
    if (taken.has(port) || !claimPort(port)) continue;
    if (ours.includes(port) || (await canListen(port))) return port;
    withdrawPort(port);
  }
  throw noneLeft();
}

/** On either loopback and on all addresses: a service may listen on any of them. */
async function canListen(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::1', '0.0.0.0']) {
    const code = await codeOfListening(port, host);
    if (code === 'EADDRINUSE' || code === 'EACCES') return false;
  }
  return true;
}

async function codeOfListening(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  const code = await new Promise<string | undefined>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen({ port, host, exclusive: true }, () => resolve(undefined));
  });
  if (code !== undefined) return code;
  server.close();
  await once(server, 'close');
  return undefined;
}

type FreeService = OwnService & { readonly port: number };

const isFree = (spec: TopologyPlan['services'][number]): spec is FreeService =>
  spec.kind === 'own' && spec.freePort === true && spec.port !== undefined;

function recordedPorts(state: TopologyState | undefined): Map<string, number> {
  const free = (state?.services ?? []).filter(({ freePort }) => freePort === true);
  return new Map(free.flatMap(({ name, port }) => (port === undefined ? [] : [[name, port]])));
}

async function isSupervised(plan: TopologyPlan, state: TopologyState, table: ProcessTable): Promise<boolean> {
  const holder = await lockHolder(lockDir(plan.stateDir), table);
  return holder?.pid === state.supervisor.pid && holder.startTime === state.supervisor.startTime;
}
