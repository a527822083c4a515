import type { Metrics } from '../metrics.ts';
import { unavailable } from '../problem.ts';
import { type Route, route } from './route.ts';

/** Something this service needs: resolves to whether it is there, within a short time. */
export type DependencyCheck = (signal: AbortSignal) => Promise<boolean>;

interface ServiceFacts {
  name: string;
  version: string;
  endpoints: readonly string[];
  metrics: Metrics;
  /** Absent for a service that keeps nothing. */
  isStoreUp?: () => Promise<boolean>;
  isStopping: () => boolean;
  dependencies: Readonly<Record<string, DependencyCheck>>;
  about: Readonly<Record<string, unknown>>;
}

const open = { access: 'public' } as const;

/** The routes that every service has, for whoever asks. */
export function serviceRoutes(facts: ServiceFacts): Route[] {
  const { name, version, endpoints, metrics, isStopping } = facts;
  return [
    route(
      'GET',
      '/',
      async () => ({ status: 200, body: { name, version, endpoints, ...facts.about } }),
      open,
    ),
    route(
      'GET',
      '/health',
      async ({ signal }) => {
        const dependencies = await askDependencies(facts, signal);
        const isHealthy = Object.values(dependencies).every((state) => state === 'available');
        const status = isHealthy ? 'healthy' : 'degraded';
        return { status: 200, body: { name, version, status, dependencies } };
      },
      open,
    ),
    route(
      'GET',
      '/healthz',
      async () => {
        if (isStopping()) throw unavailable('stopping', `The ${name} service is stopping.`);
        const isUp = (await facts.isStoreUp?.()) ?? true;
        metrics.setUp(isUp);
        if (!isUp)
          throw unavailable('store-unavailable', `The database of the ${name} service does not answer.`);
        return { status: 200, body: { status: 'ready' } };
      },
      open,
    ),
    route('GET', '/livez', async () => ({ status: 200, body: { status: 'alive' } }), open),
    route(
      'GET',
      '/metrics',
      async () => ({
        status: 200,
        body: await metrics.expose(),
        headers: { 'content-type': metrics.contentType },
      }),
      open,
    ),
  ];
}

async function askDependencies(
  { dependencies, isStoreUp, metrics }: ServiceFacts,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const checks: Record<string, DependencyCheck> = {
    ...(isStoreUp === undefined ? {} : { database: isStoreUp }),
    ...dependencies,
  };
  const states = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const isAvailable = await check(signal).catch(() => false);
      metrics.setDependency(name, isAvailable);
      return [name, isAvailable ? 'available' : 'unavailable'] as const;
    }),
  );
  return Object.fromEntries(states);
}
