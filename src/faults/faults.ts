import { type Project, trustedServices } from '../config/index.ts';
import { ShopctlError } from '../errors/index.ts';
import { createHttpClient } from '../http/index.ts';
import { didYouMean } from '../source/index.ts';
import { type Asking, ask, type EndpointAnswer, type FaultsBody } from './endpoint.ts';
import { checkFault, checkRoute, type Fault } from './fault.ts';
import { type FaultTarget, locate, locateAll } from './locate.ts';

/** What is set by hand on one service. */
export interface ServiceFaults {
  readonly service: string;
  /** When the service was told last, ISO 8601; absent when nothing is set. */
  readonly since?: string;
  /** The one for all routes first. */
  readonly faults: readonly Fault[];
  /** Why it could not be asked; then no fault is known. */
  readonly closed?: string;
}

export interface FaultScope {
  readonly project: Project;
  readonly signal: AbortSignal;
}

/**
 * What is set by hand, on one service or on all that run. Of all, one that does not open its endpoint is told as
 * `closed`.
 *
 * @throws ShopctlError when the named service, or every one, cannot be asked
 */
export async function listFaults(
  service: string | undefined,
  { project, signal }: FaultScope,
): Promise<ServiceFaults[]> {
  const show = async (target: FaultTarget, asking: Asking) =>
    told(target, await ask(target, { method: 'GET' }, asking));
  return await onTargets(service, { project, signal }, show);
}

/**
 * Adds a fault to what is set already; what is set for the same route is replaced as far as the fault names it.
 *
 * @throws ShopctlError `usage` for a fault or a route that cannot be meant, and when the service cannot be asked
 */
export async function setFault(service: string, fault: Fault, scope: FaultScope): Promise<ServiceFaults> {
  const checked = checkFault(fault);
  const target = await locate(scope.project, service);
  return await withClient(scope, async (asking) => {
    const before = await ask(target, { method: 'GET' }, asking);
    if (checked.route !== undefined) refuseUnknownRoute(service, checked.route, before);
    const body = merged(before.faults, checked);
    return told(target, await ask(target, { method: 'PUT', body }, asking));
  });
}

/**
 * Takes away what is set by hand: on one service, on one of its routes, or on all services that run. Answers what was
 * set.
 *
 * @throws ShopctlError when the named service, or every one, cannot be asked
 */
export async function clearFaults(
  { service, route }: { readonly service?: string; readonly route?: string },
  scope: FaultScope,
): Promise<ServiceFaults[]> {
  const only = route === undefined ? undefined : checkRoute(route);
  return await onTargets(service, scope, async (target, asking) => {
    const before = await ask(target, { method: 'GET' }, asking);
    if (only === undefined) {
      await ask(target, { method: 'DELETE' }, asking);
      return told(target, before);
    }
    refuseUnknownRoute(target.service, only, before);
    const { [only]: gone, ...others } = before.faults.routes ?? {};
    const body = { ...before.faults, routes: others };
    if (gone !== undefined) await ask(target, { method: 'PUT', body }, asking);
    return told(target, { ...before, faults: gone === undefined ? {} : { routes: { [only]: gone } } });
  });
}

async function onTargets(
  service: string | undefined,
  scope: FaultScope,
  body: (target: FaultTarget, asking: Asking) => Promise<ServiceFaults>,
): Promise<ServiceFaults[]> {
  if (service !== undefined) {
    const target = await locate(scope.project, service);
    return await withClient(scope, async (asking) => [await body(target, asking)]);
  }
  const targets = await locateAll(scope.project);
  return await withClient(scope, (asking) =>
    Promise.all(
      targets.map(async (target) => {
        try {
          return await body(target, asking);
        } catch (error) {
          const isClosed = error instanceof ShopctlError && error.code === 'fault-closed';
          if (!isClosed) throw error;
          return { service: target.service, faults: [], closed: error.message };
        }
      }),
    ),
  );
}

async function withClient<T>(
  { project, signal }: FaultScope,
  body: (asking: Asking) => Promise<T>,
): Promise<T> {
  const client = createHttpClient({ trusted: trustedServices(project.services) });
  try {
    return await body({ client, signal });
  } finally {
    await client.close();
  }
}

function merged(before: FaultsBody, { route, latency, failureRate }: Fault): FaultsBody {
  const given = {
    ...(latency === undefined ? {} : { latency }),
    ...(failureRate === undefined ? {} : { failure_rate: failureRate }),
  };
  if (route === undefined) return { ...before, ...given };
  const { routes = {} } = before;
  return { ...before, routes: { ...routes, [route]: { ...routes[route], ...given } } };
}

function refuseUnknownRoute(service: string, route: string, { endpoints }: EndpointAnswer): void {
  const known = endpoints?.map(({ endpoint }) => endpoint);
  if (known === undefined || known.includes(route)) return;
  const near = didYouMean(route, known);
  throw new ShopctlError('usage', {
    message: `${service} has no route ${route}`,
    hint: near === undefined ? `it has ${known.join(', ')}` : `did you mean "${near}"?`,
  });
}

function told({ service }: FaultTarget, { faults, since }: EndpointAnswer): ServiceFaults {
  const { routes = {}, ...all } = faults;
  const list = [
    faultOf(all),
    ...Object.entries(routes).map(([route, treatment]) => ({ route, ...faultOf(treatment) })),
  ];
  return {
    service,
    faults: list.filter(({ latency, failureRate }) => latency !== undefined || failureRate !== undefined),
    ...(typeof since === 'string' ? { since } : {}),
  };
}

function faultOf({ latency, failure_rate }: Pick<FaultsBody, 'latency' | 'failure_rate'>): Fault {
  return {
    ...(latency === undefined ? {} : { latency }),
    ...(failure_rate === undefined ? {} : { failureRate: failure_rate }),
  };
}
