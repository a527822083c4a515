import { setTimeout as sleep } from 'node:timers/promises';
import { baseUrl, type ServiceSpec } from '../config/project.ts';
import { ShopctlError } from '../errors/index.ts';
import { formatDuration } from '../lib/duration.ts';
import type { Clock } from './clock.ts';
import { describeOwner, portOwner } from './port-owner.ts';
import { describeSight, probe, type Sight } from './probe.ts';
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
}

/** A program without a probe has started when it has outlived its own typing errors. */
const SETTLE_MS = 200;

type Outlook = Sight | { readonly kind: 'stranger'; readonly listener: Listener };

/**
 * Resolves when the service answers its probe and the answer came from the process we started.
 * @throws ShopctlError `service-not-ready` with what was seen last, after `ready.timeoutMs`
 */
export async function waitUntilReady(wait: ReadinessWait): Promise<void> {
  const { spec, clock, signal } = wait;
  const { probe: kind, timeoutMs, everyMs } = spec.ready;
  if (kind.kind === 'running' && spec.kind === 'own') {
    await sleep(SETTLE_MS, undefined, { signal });
    return;
  }
  const { deadlineMs = clock.monotonicMs() + timeoutMs } = wait;
  for (;;) {
    const outlook = await look(wait);
    if (outlook.kind === 'answers') return;
    const leftMs = deadlineMs - clock.monotonicMs();
    if (leftMs <= 0) throw await notReady(wait, outlook);
    await sleep(Math.min(everyMs, leftMs), undefined, { signal });
  }
}

async function look({ spec, pid, table, signal }: ReadinessWait): Promise<Outlook> {
  // Connecting to a port on which nobody listens can, by chance, connect to itself and so take the port away.
  const isEarly = spec.kind === 'own' && spec.port !== undefined && !(await table.mayListen(spec.port));
  const sight: Sight = isEarly ? { kind: 'refused' } : await probe(spec, { probe: spec.ready.probe, signal });
  if (sight.kind !== 'answers' || pid === undefined || spec.kind !== 'own' || spec.port === undefined) {
    return sight;
  }
  const owner = await portOwner({ address: sight.address, port: spec.port, pid, table });
  if (owner.kind === 'ours') return sight;
  return owner.kind === 'stranger' ? owner : { kind: 'refused' };
}

async function notReady({ spec, table }: ReadinessWait, outlook: Outlook): Promise<ShopctlError> {
  const limit = `${spec.name} was not ready within ${formatDuration(spec.ready.timeoutMs)}`;
  if (outlook.kind === 'stranger') {
    const owner = await describeOwner(await withPids(spec, outlook.listener, table), table);
    return new ShopctlError('service-not-ready', {
      message: `${limit}: its port is held by ${owner}, which ${spec.name} did not start`,
      hint: `stop that process, or change the port of ${spec.name}`,
    });
  }
  return new ShopctlError('service-not-ready', {
    message: `${limit}: ${probed(spec)} ${describeSight(outlook)}`,
    hint: hintFor(spec, outlook),
  });
}

/** The readiness check looked only into our own processes; now the stranger is looked for everywhere. */
async function withPids(spec: ServiceSpec, listener: Listener, table: ProcessTable): Promise<Listener> {
  if (spec.kind !== 'own' || spec.port === undefined) return listener;
  const everybody = await table.listeners(spec.port);
  return everybody.find(({ address }) => address === listener.address) ?? listener;
}

function probed(spec: ServiceSpec): string {
  const base = baseUrl(spec) ?? spec.name;
  return spec.ready.probe.kind === 'http' ? `GET ${base}${spec.ready.probe.path}` : base;
}

function hintFor(spec: ServiceSpec, outlook: Outlook): string {
  if (spec.tls !== undefined && outlook.kind === 'error')
    return `does ${spec.name} speak HTTPS, with a certificate for this address that \`tls.ca\` has signed?`;
  if (spec.kind === 'foreign') return `start ${spec.name} yourself: shopctl only waits for it`;
  if (outlook.kind === 'status')
    return `a 2xx answer counts as ready: correct the path in \`ready\` of ${spec.name}`;
  return `does it listen on the port in its PORT variable (${spec.port ?? 'none'})? \`shopctl logs ${spec.name}\` has all it wrote; \`ready.timeout\` is how long shopctl waits`;
}
