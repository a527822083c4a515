import { type App, createApp, createUpstream, type ServiceParts } from '../kit/index.ts';
import { createBlockingCheckout } from './checkout.ts';
import { createFindModule } from './find-module.ts';
import { openModules } from './modules.ts';
import { monolithRoutes } from './routes.ts';

/**
 * The monolith without its port: the modules of the shop in one process, and a checkout that waits for all of them. What
 * its own routes do not cover, the module that has such a route answers.
 */
export async function createMonolithApp(parts: ServiceParts): Promise<App> {
  const modules = await openModules(parts);
  const checkout = createBlockingCheckout(parts, modules.urls);
  const known = Object.entries(modules.urls).map(([name, baseUrl]) =>
    createUpstream({ ...parts, name, baseUrl, credentials: undefined }),
  );
  const monolith = createApp({
    name: 'monolith',
    contract: parts.contract,
    routes: monolithRoutes(checkout),
    about: { modules: Object.keys(modules.urls) },
    dependencies: Object.fromEntries(known.map(({ name, isAvailable }) => [name, isAvailable])),
    log: parts.log,
    tracer: parts.tracer,
    guard: parts.guard,
    simulation: parts,
    close: async () => {
      await checkout.close();
      await Promise.all(known.map(({ close }) => close()));
      await modules.close();
    },
  });
  const findModule = createFindModule(monolith, modules.apps);
  return {
    ...monolith,
    handler: (request, response) => findModule(request.url ?? '/').handler(request, response),
    beginStop: () => {
      monolith.beginStop();
      modules.beginStop();
    },
  };
}
