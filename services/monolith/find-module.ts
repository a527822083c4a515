import type { App } from '../kit/index.ts';

/** Which of several apps answers a path: `first` what it has itself and what nobody has, otherwise whose route it is. */
export function createFindModule(first: App, others: readonly App[]): (url: string) => App {
  const pathsOf = ({ endpoints }: App) => new Set(endpoints.map((endpoint) => endpoint.split(' ')[1] ?? ''));
  const own = pathsOf(first);
  const routes = others.flatMap((app) =>
    [...pathsOf(app)]
      .filter((path) => !own.has(path))
      .map((path) => ({ app, pattern: patternOf(path), names: path.split('{').length - 1 })),
  );
  // `/orders/mine` before `/orders/{id}`.
  routes.sort((a, b) => a.names - b.names);
  return (url) => {
    const path = url.split('?')[0] ?? '/';
    return routes.find(({ pattern }) => pattern.test(path))?.app ?? first;
  };
}

function patternOf(path: string): RegExp {
  const escaped = path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i');
}
