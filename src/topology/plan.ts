import type { Project, ServiceSpec } from '../config/project.ts';
import { ShopctlError } from '../errors/index.ts';

/** What of a project the engine needs; it travels to a detached supervisor as JSON. */
export type TopologyPlan = Pick<Project, 'name' | 'project' | 'root' | 'stateDir' | 'topology' | 'services'>;

/** The project as it is called in a sentence. */
export const titleOf = ({ name, project }: Pick<TopologyPlan, 'name' | 'project'>) =>
  project === undefined ? name : `${name} (project ${project})`;

/** The named services and everything they need, directly or not; all of them when none is named. */
export function selectServices(plan: TopologyPlan, names: readonly string[]): TopologyPlan {
  if (names.length === 0) return plan;
  const byName = new Map(plan.services.map((spec) => [spec.name, spec]));
  const wanted = new Set<string>();
  const add = (name: string) => {
    const spec = byName.get(name);
    if (spec === undefined) throw unknownService(name, plan);
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const need of spec.needs) add(need);
  };
  for (const name of names) add(name);
  return { ...plan, services: plan.services.filter(({ name }) => wanted.has(name)) };
}

/** @throws ShopctlError `usage`, naming the services there are */
export function unknownService(
  name: string,
  {
    topology,
    services,
  }: { readonly topology: string; readonly services: readonly { readonly name: string }[] },
): ShopctlError {
  const known = services.map((spec) => spec.name).join(', ');
  return new ShopctlError('usage', {
    message: `there is no service ${name} in the topology ${topology}`,
    hint: `it has ${known}; another topology is chosen with --topology`,
  });
}

/**
 * The services with needs first. @throws ShopctlError `config-invalid` for a need that is not there, a circle of needs,
 * or two services on one port
 */
export function inStartOrder(services: readonly ServiceSpec[]): ServiceSpec[] {
  refuseSharedPorts(services);
  const byName = new Map(services.map((spec) => [spec.name, spec]));
  const ordered = new Set<ServiceSpec>();
  const visit = (spec: ServiceSpec, path: readonly string[]) => {
    if (path.includes(spec.name)) throw circle([...path.slice(path.indexOf(spec.name)), spec.name]);
    if (ordered.has(spec)) return;
    for (const need of spec.needs) {
      const needed = byName.get(need);
      if (needed === undefined) throw missingNeed(spec.name, need);
      visit(needed, [...path, spec.name]);
    }
    ordered.add(spec);
  };
  for (const spec of services) visit(spec, []);
  return [...ordered];
}

function refuseSharedPorts(services: readonly ServiceSpec[]): void {
  const holders = new Map<number, string>();
  for (const spec of services) {
    if (spec.kind !== 'own' || spec.port === undefined) continue;
    const holder = holders.get(spec.port);
    if (holder !== undefined) {
      throw new ShopctlError('config-invalid', {
        message: `${holder} and ${spec.name} both want port ${spec.port}`,
        hint: 'give one of them another `port:`',
      });
    }
    holders.set(spec.port, spec.name);
  }
}

const circle = (names: readonly string[]) =>
  new ShopctlError('config-invalid', {
    message: `services need each other in a circle: ${names.join(' → ')}`,
    hint: 'take one of these `needs:` away',
  });

const missingNeed = (service: string, need: string) =>
  new ShopctlError('config-invalid', {
    message: `${service} needs ${need}, which is not among the services to start`,
    hint: `add ${need} to the topology, or take it from the needs of ${service}`,
  });
