import type { ServiceSpec } from '../config/project.ts';
import type { ServiceStatus } from './state.ts';

type Needy = Pick<ServiceSpec, 'name' | 'needs' | 'needsStarted'>;

/** It does, or has done, what others need it for. */
export const isUp = ({ state }: ServiceStatus) => state === 'ready' || state === 'completed';

/** What a service needs at all times: not what had to be started first and no more. */
export const lastingNeeds = ({ needs, needsStarted = [] }: Needy): string[] =>
  needs.filter((need) => !needsStarted.includes(need));

/** Who needs one of these, directly or not, in the order of `services`; those themselves are left out. */
export function dependantsOf(names: readonly string[], services: readonly Needy[]): string[] {
  const reached = new Set(names);
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const service of services)
      if (lastingNeeds(service).some((need) => reached.has(need))) reached.add(service.name);
  }
  return services.map(({ name }) => name).filter((name) => reached.has(name) && !names.includes(name));
}

/** By name everything that a service needs at all times, directly or not. @param services needs first */
export function allNeedsOf(services: readonly Needy[]): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, readonly string[]>();
  for (const service of services) {
    const direct = lastingNeeds(service);
    all.set(service.name, [...new Set(direct.flatMap((need) => [...(all.get(need) ?? []), need]))]);
  }
  return all;
}
