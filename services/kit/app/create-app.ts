import type { RequestListener } from 'node:http';
import express, { type RequestHandler } from 'express';
import type { WatchedBreaker } from '../breaker-metrics.ts';
import type { Bus, BusLife } from '../bus/index.ts';
import type { Contract } from '../contract/index.ts';
import type { Guard } from '../identity/index.ts';
import type { Logger } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { createSimulator, type Endpoint, type SimulationParts, type Simulator } from '../simulation/index.ts';
import type { Store } from '../store/index.ts';
import type { Tracer } from '../tracing/index.ts';
import { faultPath, faultRoutes } from './fault-routes.ts';
import { fromHereOnly } from './from-here-only.ts';
import { type DependencyCheck, serviceRoutes } from './health.ts';
import { madeFor, type ServerClasses } from './made-for.ts';
import { mount } from './mount.ts';
import { observe } from './observe.ts';
import { answerFailure, refuseUnknown } from './refuse.ts';
import type { Route } from './route.ts';
import { createUpgrade, type UpgradeHandler, type UpgradeRoute } from './upgrade.ts';

/** A service without a port. */
export interface App {
  name: string;
  handler: RequestListener;
  /** What the handler likes its requests to be made of. */
  classes: ServerClasses;
  /** For requests to make something else of their connection; undefined where there is nothing else. */
  upgrade: UpgradeHandler | undefined;
  /** Every route as `GET /api/users/{id}`. */
  endpoints: readonly string[];
  /** From now on the service says that it is not ready. */
  beginStop(): void;
  /** Ends background work and closes connections and the database, in the order in which they need each other. */
  close(): Promise<void>;
}

interface AppOptions {
  name: string;
  contract: Contract;
  routes: readonly Route[];
  /** None for a service that keeps nothing. */
  store?: Store;
  /** Handlers around the routes: `first` sees every request, `last` those that no route has taken. */
  middleware?: { first?: readonly RequestHandler[]; last?: readonly RequestHandler[] };
  /** Further members of what `GET /` tells. */
  about?: Readonly<Record<string, unknown>>;
  dependencies?: Readonly<Record<string, DependencyCheck>>;
  log: Logger;
  /** Takes note of requests; undefined: nobody does. */
  tracer: Tracer | undefined;
  /** Decides who is let in; closed with the service. */
  guard: Guard;
  simulation: SimulationParts;
  /** Runs as long as the service; none for a service without events. */
  bus?: Bus;
  /** Told in the metrics. */
  breakers?: readonly WatchedBreaker[];
  /**
   * Work besides requests that is slow and fails on purpose like them, under names such as `SEND email`; it may start
   * as soon as it is told how.
   */
  work?: { endpoints: readonly Endpoint[]; start: (meet: Simulator['meet']) => void };
  /** Where connections become WebSockets; the path is a route besides, for whoever asks without an upgrade. */
  upgrade?: UpgradeRoute;
  /** What to end before the database is closed. */
  close?: () => Promise<void>;
}

/** Puts a service together. Throws when a route is not in the OpenAPI document. */
export function createApp(options: AppOptions): App {
  const { name, contract, store, log, tracer, guard } = options;
  const events = options.bus?.life;
  const metrics = createMetrics(name);
  if (options.breakers !== undefined) metrics.watchBreakers(options.breakers);
  let isStopping = false;
  const common = serviceRoutes({
    name,
    version: contract.version,
    endpoints: contract.operations,
    metrics,
    ...(store === undefined ? {} : { isStoreUp: () => answers(store) }),
    about: options.about ?? {},
    isStopping: () => isStopping,
    dependencies: { ...options.dependencies, ...brokerCheck(events) },
  }).map((route) => route.bind(contract));
  const business = options.routes.map((route) => route.bind(contract));
  const endpoints = [...business, ...(events?.endpoints() ?? []), ...(options.work?.endpoints ?? [])];
  const simulator = createSimulator({ ...options.simulation, endpoints, meter: metrics });
  // Not in the OpenAPI document: it belongs to whoever tests the service, and is there only when asked for. A service
  // without routes and consumers of its own would accept faults that can have no effect.
  const takesFaults = options.simulation.takesFaults && endpoints.length > 0;
  const admin = takesFaults ? faultRoutes(simulator, log) : [];
  const app = express().disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.use(observe({ log, metrics, tracer }), (_request, response, next) => {
    if (isStopping) response.set('connection', 'close');
    next();
  });
  for (const handler of options.middleware?.first ?? []) app.use(handler);
  if (takesFaults) app.use(faultPath, fromHereOnly);
  for (const route of [...common, ...admin]) mount(app, route, { guard });
  for (const route of business) {
    mount(app, route, { guard, meet: () => simulator.meet(route) });
  }
  const refuse = refuseUnknown([...common, ...admin, ...business]);
  app.use(...(options.middleware?.last ?? []), refuse, answerFailure(log));
  options.work?.start(simulator.meet);
  if (events?.isWanted) events.start({ meter: metrics.countEvents(), meet: simulator.meet });
  let consumingEnded: Promise<void> | undefined;
  return {
    name,
    handler: app,
    classes: madeFor(app),
    upgrade:
      options.upgrade &&
      createUpgrade({ route: options.upgrade, guard, log, metrics, tracer, isStopping: () => isStopping }),
    endpoints: [...business, ...common].map(({ method, path }) => `${method} ${path}`),
    beginStop: () => {
      isStopping = true;
      metrics.setUp(false);
      options.upgrade?.beginStop();
      consumingEnded = events?.stopConsuming();
    },
    close: async () => {
      // Handlers may ask other services until they are done; what those leave behind is still published.
      await (consumingEnded ?? events?.stopConsuming());
      await options.close?.();
      await events?.close();
      await guard.close();
      await store?.close();
    },
  };
}

/** Without the broker a service still answers: what it has to tell waits. So it is degraded, and ready. */
function brokerCheck(events: BusLife | undefined): Record<string, DependencyCheck> {
  return events?.isWanted ? { broker: async () => events.isConnected() } : {};
}

async function answers(store: Store): Promise<boolean> {
  return await store.ping().then(
    () => true,
    () => false,
  );
}
