import type { Located } from './locate.ts';
import type { PassedRoute } from './openapi/contract.ts';
import { bySpecificity, matchesPath } from './openapi/path-template.ts';
import type { LoadedContract } from './service.ts';

/** Where a request leads that a service does not answer itself. */
export type Destination =
  | { readonly kind: 'service'; readonly located: Located }
  /** It has no contract, or is no part of the run, so nothing can be said of its answer. */
  | { readonly kind: 'unknown-service' }
  | { readonly kind: 'no-route' };

/** Follows the routes that a service passes on (`x-passed-on`): of those that cover the path the longest wins. */
export function followRoute(located: Located, services: readonly LoadedContract[]): Destination {
  const segments = located.path.split('/');
  const [route] = located.service.contract.passedOn.routes
    .filter((candidate) => covers(candidate, segments))
    .sort(longestFirst);
  if (route === undefined) return { kind: 'no-route' };
  const service = services.find(({ name }) => name === route.service);
  if (service === undefined) return { kind: 'unknown-service' };
  const { length } = route.template.segments;
  const path = [route.as ?? segments.slice(0, length).join('/'), ...segments.slice(length)].join('/');
  const hasOwnBasePath = new URL(service.baseUrl).pathname !== '/';
  return { kind: 'service', located: { service, path, hasOwnBasePath } };
}

function covers({ template }: PassedRoute, segments: readonly string[]): boolean {
  return matchesPath(template, segments.slice(0, template.segments.length).join('/'));
}

function longestFirst({ template: a }: PassedRoute, { template: b }: PassedRoute): number {
  return b.segments.length - a.segments.length || bySpecificity(a, b);
}
