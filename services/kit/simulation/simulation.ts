import type { Latency } from './latency.ts';

/** How requests are treated; what is left out is as it would be otherwise. `failureRate` is a share in [0, 1]. */
export interface Treatment {
  latency?: Latency | undefined;
  failureRate?: number | undefined;
}

/** How a service pretends to be slow and unreliable, by its settings. */
export interface Simulation extends Treatment {
  latency: Latency | undefined;
  failureRate: number;
  /** What holds instead for POST, PUT and DELETE. */
  writes?: Treatment;
  /** What holds instead of `latency` for single endpoints such as `GET /search`. */
  routeLatencies?: Readonly<Record<string, Latency | undefined>>;
}

/** What somebody set by hand while the service runs: for all its endpoints, and for single ones. */
export interface Faults extends Treatment {
  /** By endpoint, such as `POST /payment/process`. */
  routes: ReadonlyMap<string, Treatment>;
}

/** A business endpoint; `path` is the template of the OpenAPI document. */
export interface Endpoint {
  method: string;
  path: string;
}

export const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`;

/** What an endpoint is in for: by hand before by settings, and within each the nearer to the endpoint first. */
export function inForce(
  endpoint: Endpoint,
  faults: Faults,
  simulation: Simulation | undefined,
): { latency: Latency | undefined; failureRate: number } {
  const name = nameOf(endpoint);
  const layers: (Treatment | undefined)[] = [
    faults.routes.get(name),
    faults,
    { latency: simulation?.routeLatencies?.[name] },
    endpoint.method === 'GET' ? undefined : simulation?.writes,
    simulation,
  ];
  return {
    latency: layers.find((layer) => layer?.latency !== undefined)?.latency,
    failureRate: layers.find((layer) => layer?.failureRate !== undefined)?.failureRate ?? 0,
  };
}
