import type { RouteEntry } from './routing-table.ts';

/** A request's line in the routing table, and where it goes from there. */
export interface FoundRoute {
  entry: RouteEntry;
  /** The path at the service, without a query. */
  upstreamPath: string;
}

/** Answers the route of a path, or undefined when none covers it. */
export type FindRoute = (path: string) => FoundRoute | undefined;

/**
 * Longest prefix, counted in segments; where two are equally long the one with more literal segments. `/products`
 * covers `/products` and `/products/7`, and not `/productsets`. Paths with `.` or `..` segments, also when they are
 * encoded, are covered by nothing: what they mean differs from server to server.
 */
export function createFindRoute(table: readonly RouteEntry[]): FindRoute {
  const matchers = table
    .map((entry) => {
      const segments = entry.path.split('/').slice(1);
      const literals = segments.filter((segment) => !segment.startsWith('{')).length;
      return { entry, pattern: patternOf(segments), weight: segments.length * 100 + literals };
    })
    .sort((a, b) => b.weight - a.weight);
  return (path) => {
    if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(path)) return undefined;
    for (const { entry, pattern } of matchers) {
      const match = pattern.exec(path);
      if (match === null) continue;
      const { upstreamPath } = entry;
      return {
        entry,
        upstreamPath: upstreamPath === undefined ? path : `${upstreamPath}${path.slice(match[0].length)}`,
      };
    }
    return undefined;
  };
}

function patternOf(segments: readonly string[]): RegExp {
  const parts = segments.map((segment) =>
    segment.startsWith('{') ? '[^/]+' : segment.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&'),
  );
  return new RegExp(`^/${parts.join('/')}(?=/|$)`);
}
