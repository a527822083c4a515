import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type WatchedBreaker, watchBreakers } from './breaker-metrics.ts';
import type { BusMeter } from './bus/index.ts';
import { createBusMeter } from './bus-metrics.ts';
import type { SimulationMeter } from './simulation/index.ts';

/** What one service counts; the names are part of its interface. */
export interface Metrics extends SimulationMeter {
  /** One answered request. `endpoint` is the route template, so that ids never become label values. */
  countRequest(request: { method: string; endpoint: string; status: number; seconds: number }): void;
  setUp(isUp: boolean): void;
  setDependency(name: string, isAvailable: boolean): void;
  /** Adds what is counted about events; for a service that has to do with any. */
  countEvents(): BusMeter;
  /** Adds what is known of circuit breakers; for a service that has any. */
  watchBreakers(breakers: readonly WatchedBreaker[]): void;
  /** Prometheus exposition text. */
  expose(): Promise<string>;
  contentType: string;
}

export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered.',
    labelNames: ['method', 'endpoint', 'status'] as const,
    registers,
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer.',
    labelNames: ['method', 'endpoint'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const up = new Gauge({
    name: 'service_up',
    help: '1 while the service takes work, 0 while it stops or its store is down.',
    labelNames: ['service'] as const,
    registers,
  });
  const dependencies = new Gauge({
    name: 'service_dependency_up',
    help: '1 when the dependency answered the latest health question.',
    labelNames: ['dependency'] as const,
    registers,
  });
  up.set({ service }, 1);
  return {
    countRequest: ({ method, endpoint, status, seconds }) => {
      requests.inc({ method, endpoint, status: String(status) });
      durations.observe({ method, endpoint }, seconds);
    },
    ...simulationMeter(registry),
    setUp: (isUp) => up.set({ service }, isUp ? 1 : 0),
    setDependency: (dependency, isAvailable) => dependencies.set({ dependency }, isAvailable ? 1 : 0),
    countEvents: () => createBusMeter(registry),
    watchBreakers: (breakers) => watchBreakers(breakers, registry),
    expose: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function simulationMeter(registry: Registry): SimulationMeter {
  const registers = [registry];
  const labelNames = ['method', 'endpoint'] as const;
  const failures = new Counter({
    name: 'simulated_failures_total',
    help: 'Failures made on purpose.',
    labelNames,
    registers,
  });
  const delays = new Counter({
    name: 'simulated_delay_seconds_total',
    help: 'Time for which answers were held back on purpose.',
    labelNames,
    registers,
  });
  const faults = new Gauge({
    name: 'simulated_faults',
    help: 'Faults set by hand: one for the whole service and one for each endpoint that has its own.',
    registers,
  });
  return {
    countSimulatedFailure: ({ method, path }) => failures.inc({ method, endpoint: path }),
    countSimulatedDelay: ({ method, path }, seconds) => delays.inc({ method, endpoint: path }, seconds),
    setFaultCount: (count) => faults.set(count),
  };
}
