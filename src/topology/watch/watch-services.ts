import type { OwnService, ServiceSpec, WatchSpec } from '../../config/project.ts';
import { ShopctlError } from '../../errors/index.ts';
import { ServiceWatch, type WatchSurroundings } from './watch-service.ts';

export interface ServiceWatching {
  /** Resolves when nothing is watched and no build runs any more. */
  close(): Promise<void>;
}

type Watched = OwnService & { readonly watch: WatchSpec };

export function watchedServices(services: readonly ServiceSpec[]): Watched[] {
  return services.filter((spec): spec is Watched => spec.kind === 'own' && spec.watch !== undefined);
}

/** @throws ShopctlError `config-invalid` naming every path to watch that is not there */
export function refuseMissingPaths(services: readonly ServiceSpec[]): void {
  const problems = watchedServices(services).flatMap(({ watch }) => watch.missing);
  if (problems.length === 0) return;
  const what = problems.length === 1 ? 'a path' : `${problems.length} paths`;
  throw new ShopctlError('config-invalid', { message: `${what} to watch cannot be found`, problems });
}

/** Watches the files of every service that has `watch`. */
export function watchServices(
  services: readonly ServiceSpec[],
  surroundings: WatchSurroundings,
): ServiceWatching {
  const watchings = watchedServices(services).map((spec) => new ServiceWatch(spec, spec.watch, surroundings));
  return {
    close: async () => {
      await Promise.all(watchings.map((watching) => watching.close()));
    },
  };
}
