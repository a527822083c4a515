import { setTimeout as sleep } from 'node:timers/promises';
import type { Probe } from '../config/probe-spec.ts';
import { baseUrl, type OwnService, type ServiceSpec } from '../config/project.ts';
import { ShopctlError } from '../errors/index.ts';
import { formatDuration } from '../lib/duration.ts';
import type { Clock } from './clock.ts';
import { portsInstead } from './listens-elsewhere.ts';
import { describeOwner, portOwner } from './port-owner.ts';
import { knocks, listed, lookBy, remedyFor, sentence, usualLimitMs } from './probes/index.ts';
import { TRY_LIMIT_MS } from './probes/kind.ts';
import { LOOPBACKS } from './probes/network.ts';
import type { OutputWatch } from './probes/output-watch.ts';
import { describeSight, type Sight } from './probes/sight.ts';
import type { Listener, ProcessTable } from './process-table.ts';

export interface ReadinessWait {
  readonly spec: ServiceSpec;
  /** The process we started; absent for a service that runs elsewhere. */
  readonly pid?: number | undefined;
  readonly table: ProcessTable;
  readonly clock: Clock;
  /** On the clock's monotonic scale; when absent, `ready.timeoutMs` from now. */
  readonly deadlineMs?: number;
  /** Aborted by the caller, and when the process ends. */
  readonly signal: AbortSignal;
  /** The mark of the run. */
  readonly run: string;
  /** What it has written, where a probe asks for that. */
  readonly output?: OutputWatch | undefined;
  /** It has said that it is ready: somebody listens there already, so that the first look goes without looking for that. */
  readonly hasSaidSo?: boolean;
}

/** A program without a probe has started when it has outlived its own typing errors. */
const SETTLE_MS = 200;

/** What one round showed. */
type Outlook =
  | { readonly kind: 'ready' }
  /** A probe does not hold. */
  | { readonly kind: 'unready'; readonly probe: Probe; readonly sight: Sight }
  /** Every probe holds, but nothing of ours listens on its port. */
  | { readonly kind: 'unheard' }
  | { readonly kind: 'stranger'; readonly listener: Listener };

/**
 * Resolves when every probe of the service holds and, where it has a port, the process we started listens there.
 * @throws ShopctlError `service-not-ready` with what was seen last, after `ready.timeoutMs` or when waiting cannot help
 */
export async function waitUntilReady(wait: ReadinessWait): Promise<void> {
  const { spec, clock, signal } = wait;
  const { probe: kind, timeoutMs, everyMs } = spec.ready;
  if (kind.kind === 'running' && spec.kind === 'own') {
    await sleep(SETTLE_MS, undefined, { signal });
    return;
  }
  const { deadlineMs = clock.monotonicMs() + timeoutMs } = wait;
  for (let isFirst = true; ; isFirst = false) {
    // The last try may go on a little beyond the end, so that it can say what it saw; not for as long as a command may.
    const mostMs = Math.max(TRY_LIMIT_MS, deadlineMs - clock.monotonicMs());
    const outlook = await look(wait, mostMs, isFirst && wait.hasSaidSo === true);
    if (outlook.kind === 'ready') return;
    const isFinal =
      outlook.kind === 'unready' && outlook.sight.kind === 'unmet' && outlook.sight.isFinal === true;
    const leftMs = deadlineMs - clock.monotonicMs();
    if (leftMs <= 0 || isFinal) throw await notReady(wait, outlook, isFinal);
    await sleep(Math.min(everyMs, leftMs), undefined, { signal });
  }
}

async function look(wait: ReadinessWait, mostMs: number, isHeard: boolean): Promise<Outlook> {
  const { spec, table, signal, run, output } = wait;
  const { ready } = spec;
  let address: string | undefined;
  for (const probe of listed(ready.probe)) {
    const timeoutMs = Math.ceil(Math.min(mostMs, ready.tryMs ?? usualLimitMs(probe)));
    // Connecting to a port on which nobody listens can, by chance, connect to itself and so take the port away.
    const isEarly =
      !isHeard &&
      knocks(probe) &&
      spec.kind === 'own' &&
      spec.port !== undefined &&
      !(await table.mayListen(spec.port));
    const sight: Sight = isEarly
      ? { kind: 'refused' }
      : await lookBy(probe, { spec, timeoutMs, signal, run, output });
    if (sight.kind !== 'answers') return { kind: 'unready', probe, sight };
    address = sight.address ?? address;
  }
  return spec.kind === 'own' && spec.port !== undefined
    ? lookForOwner(wait, spec.port, address)
    : { kind: 'ready' };
}

/** Whose socket answered; of probes that knock nowhere, whether ours is there. */
async function lookForOwner(
  { pid, table }: ReadinessWait,
  port: number,
  address: string | undefined,
): Promise<Outlook> {
  if (pid === undefined) return { kind: 'ready' };
  let outlook: Outlook = { kind: 'unheard' };
  for (const at of address === undefined ? LOOPBACKS : [address]) {
    const owner = await portOwner({ address: at, port, pid, table });
    if (owner.kind === 'ours') return { kind: 'ready' };
    if (owner.kind === 'stranger') outlook = owner;
  }
  return outlook;
}

async function notReady(
  { spec, pid, table }: ReadinessWait,
  outlook: Exclude<Outlook, { kind: 'ready' }>,
  isFinal: boolean,
): Promise<ShopctlError> {
  const limit = isFinal
    ? `${spec.name} cannot become ready`
    : `${spec.name} was not ready within ${formatDuration(spec.ready.timeoutMs)}`;
  const isSilent =
    outlook.kind === 'unheard' || (outlook.kind === 'unready' && outlook.sight.kind === 'refused');
  if (isSilent && spec.kind === 'own' && spec.port !== undefined && pid !== undefined) {
    const instead = await portsInstead({ spec, pid, table });
    if (instead !== undefined) return listensElsewhere(limit, spec, instead);
  }
  switch (outlook.kind) {
    case 'stranger': {
      const owner = await describeOwner(await withPids(spec, outlook.listener, table), table);
      return new ShopctlError('service-not-ready', {
        message: `${limit}: its port is held by ${owner}, which ${spec.name} did not start`,
        hint: `stop that process, or change the port of ${spec.name}`,
      });
    }
    case 'unheard':
      return new ShopctlError('service-not-ready', {
        message: `${limit}: what \`ready\` asks for holds, but ${baseUrl(spec)} ${describeSight({ kind: 'refused' })}`,
        hint: usualRemedy(spec),
      });
    case 'unready':
      return new ShopctlError('service-not-ready', {
        message: `${limit}: ${sentence(outlook.probe, outlook.sight, spec)}`,
        hint: hintFor(spec, outlook.probe, outlook.sight),
      });
  }
}

function listensElsewhere(limit: string, { name, port }: OwnService, instead: string): ShopctlError {
  return new ShopctlError('service-not-ready', {
    message: `${limit}: nothing listens on its port ${port}; it listens on ${instead} instead`,
    hint: `does ${name} read its port from the variable PORT? Otherwise write that port as \`port\` of ${name}`,
  });
}

/** The readiness check looked only into our own processes; now the stranger is looked for everywhere. */
async function withPids(spec: ServiceSpec, listener: Listener, table: ProcessTable): Promise<Listener> {
  if (spec.kind !== 'own' || spec.port === undefined) return listener;
  const everybody = await table.listeners(spec.port);
  return everybody.find(({ address }) => address === listener.address) ?? listener;
}

function hintFor(spec: ServiceSpec, probe: Probe, sight: Sight): string {
  if (spec.tls !== undefined && sight.kind === 'error')
    return `does ${spec.name} speak HTTPS, with a certificate for this address that \`tls.ca\` has signed?`;
  const remedy = remedyFor(probe, sight, spec);
  if (remedy !== undefined) return remedy;
  return spec.kind === 'foreign'
    ? `start ${spec.name} yourself: shopctl only waits for it`
    : usualRemedy(spec);
}

const usualRemedy = (spec: ServiceSpec): string =>
  `does it listen on the port in its PORT variable (${portOf(spec) ?? 'none'})? \`shopctl logs ${spec.name}\` has all it wrote; \`ready.timeout\` is how long shopctl waits`;

const portOf = (spec: ServiceSpec): OwnService['port'] => (spec.kind === 'own' ? spec.port : undefined);
