import type { RequestHandler } from 'express';
import { reached } from '../kit/app/observe.ts';
import type { Guard } from '../kit/identity/index.ts';
import { Problem } from '../kit/index.ts';
import { createFindRoute } from './find-route.ts';
import type { ServiceProxy } from './proxy.ts';
import type { RouteEntry, ServiceName } from './routing-table.ts';

interface GateOptions {
  table: readonly RouteEntry[];
  proxies: ReadonlyMap<ServiceName, ServiceProxy>;
  guard: Guard;
}

/**
 * Finds out where a request goes, whether it may, and sends it there. What no route covers is left to the next
 * handler. Throws 401 and 403 problems for tokens, 405 for methods that do not pass, and what the proxy throws.
 */
export function createGate({ table, proxies, guard }: GateOptions): RequestHandler {
  const findRoute = createFindRoute(table.filter(({ service }) => proxies.has(service)));
  return async (request, response, next) => {
    const { pathname, search } = splitTarget(request.url);
    const route = findRoute(pathname);
    const proxy = route === undefined ? undefined : proxies.get(route.entry.service);
    if (route === undefined || proxy === undefined) return next();
    const { entry } = route;
    reached(`${entry.path}/**`)(request, response, () => undefined);
    requireMethod(entry, request.method);
    if (needsToken(entry, request.method)) {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const authorization = request.get('authorization');
      await guard.identify({ authorization, access: 'user', signal: gone.signal });
    }
    await proxy.forward(request, response, `${route.upstreamPath}${search}`);
  };
}

/** The target of a request as it was sent: nothing is decoded or normalised on its way. */
function splitTarget(url: string): { pathname: string; search: string } {
  const at = url.indexOf('?');
  return at < 0 ? { pathname: url, search: '' } : { pathname: url.slice(0, at), search: url.slice(at) };
}

const safeMethods = ['GET', 'HEAD'];

function needsToken({ token }: RouteEntry, method: string): boolean {
  return token === 'always' || (token === 'unless-reading' && !safeMethods.includes(method));
}

function requireMethod({ path, methods }: RouteEntry, method: string): void {
  if (methods === undefined || methods.includes(method)) return;
  const allowed = methods.join(', ');
  throw new Problem({
    status: 405,
    kind: 'method-not-allowed',
    title: 'The method is not allowed here',
    detail: `${path} takes ${allowed} here.`,
    headers: { allow: allowed },
  });
}
