import { baseUrl, type ServiceSpec } from '../config/index.ts';
import type { Evaluator, Scope } from '../expression/index.ts';

/** What expressions in load requests can see besides `env` and the functions: services by name, as base URLs. */
export function loadScope(services: readonly ServiceSpec[], evaluator: Evaluator): Scope {
  return Object.fromEntries(
    services.flatMap((service) => {
      const url = baseUrl(service);
      return url === undefined || !evaluator.canName(service.name) ? [] : [[service.name, url]];
    }),
  );
}
