import type { LoadedContract } from './service.ts';

/** A request seen by the service that it was sent to. */
export interface Located {
  readonly service: LoadedContract;
  /** Below the base URL, percent-encoded, without query; starts with a slash. */
  readonly path: string;
  /** The base URL has a path, which stands for those of the document's servers. */
  readonly hasOwnBasePath: boolean;
}

/** Finds the service whose base URL a URL lies below; of several the one with the longest path. */
export function createLocator(services: readonly LoadedContract[]): (url: string) => Located | undefined {
  const bases = services
    .flatMap((service) => {
      const base = parse(service.baseUrl);
      return base === undefined
        ? []
        : [{ service, origin: originOf(base), path: base.pathname.replace(/\/+$/, '') }];
    })
    .sort((a, b) => b.path.length - a.path.length);
  return (url) => {
    const target = parse(url);
    if (target === undefined) return undefined;
    const origin = originOf(target);
    const found = bases.find(
      (base) =>
        base.origin === origin && (base.path === '' || `${target.pathname}/`.startsWith(`${base.path}/`)),
    );
    if (found === undefined) return undefined;
    const path = target.pathname.slice(found.path.length);
    return { service: found.service, path: path === '' ? '/' : path, hasOwnBasePath: found.path !== '' };
  };
}

/** All names of this machine's loopback are one: suites write `localhost` where the configuration has 127.0.0.1. */
function originOf(url: URL): string {
  const host = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname) ? 'loopback' : url.hostname;
  return `${url.protocol}//${host}:${url.port}`;
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
