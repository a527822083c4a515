import cors from 'cors';
import type { RequestHandler } from 'express';
import { type App, createApp, createUpstream, type ServiceParts } from '../kit/index.ts';
import { createBreaker } from './breaker.ts';
import { createGate } from './gate.ts';
import { isClientsDoing } from './no-answer.ts';
import { createProxy } from './proxy.ts';
import { createRateLimit } from './rate-limit.ts';
import { routingTable, serviceNames } from './routing-table.ts';
import type { GatewaySettings } from './settings.ts';

/** The gateway without a port. It keeps nothing; what it knows of the services stands in the routing table. */
export async function createGatewayApp(parts: ServiceParts, settings: GatewaySettings): Promise<App> {
  const { guard, log, tracer, clock } = parts;
  const ways = openWays(parts, settings);
  const { rateLimit: perMinute, trustsLoadKey } = settings;
  const proxies = new Map(ways.map(({ name, proxy }) => [name, proxy]));
  const gate = createGate({ table: routingTable, proxies, guard });
  const routes = routingTable
    .filter(({ service }) => proxies.has(service))
    .map(({ path, service }) => ({ path, service }));
  return createApp({
    name: 'gateway',
    contract: parts.contract,
    routes: [],
    middleware: {
      first: [allowOrigins(settings.corsOrigins)],
      last: perMinute === 0 ? [gate] : [createRateLimit({ perMinute, trustsLoadKey, clock }), gate],
    },
    about: { routes },
    breakers: ways.map(({ breaker }) => breaker),
    dependencies: Object.fromEntries(ways.map(({ name, health }) => [name, health.isAvailable])),
    log,
    tracer,
    guard,
    simulation: parts,
    close: async () => {
      for (const { breaker } of ways) breaker.close();
      await Promise.all(ways.flatMap(({ proxy, health }) => [proxy.close(), health.close()]));
    },
  });
}

/** What leads to each service that has an address: proxy, circuit breaker, and the question for its health. */
function openWays(parts: ServiceParts, settings: GatewaySettings) {
  const { clock, log, tracer, trust } = parts;
  return serviceNames.flatMap((name) => {
    const baseUrl = settings.services[name];
    if (baseUrl === undefined) return [];
    const { timeoutMs, breakerResetMs: resetMs } = settings;
    const breaker = createBreaker({ name, resetMs, isNobodysFault: isClientsDoing, clock, log });
    const proxy = createProxy({ name, baseUrl, timeoutMs, breaker, trust, log, tracer });
    return [{ name, breaker, proxy, health: createUpstream({ ...parts, name, baseUrl }) }];
  });
}

/** CORS: which pages may ask, and what of the answers they may see. Without origins no page of another origin may. */
function allowOrigins(origins: readonly string[]): RequestHandler {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [
      'Location',
      'X-Request-Id',
      'Retry-After',
      'RateLimit-Limit',
      'RateLimit-Remaining',
      'RateLimit-Reset',
      'Idempotent-Replayed',
    ],
    maxAge: 600,
  });
}
