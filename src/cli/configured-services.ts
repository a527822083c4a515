import type { Project } from '../config/index.ts';

/** Every service of the configuration, those of other topologies included. */
export function configuredServices({ source: { data } }: Project): string[] {
  const services = typeof data === 'object' && data !== null && 'services' in data ? data.services : {};
  return Object.keys(services ?? {});
}
