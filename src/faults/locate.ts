import type { Project } from '../config/index.ts';
import { ShopctlError } from '../errors/index.ts';
import { type ProjectStatus, readStatus, unknownService } from '../topology/index.ts';

/** Where a running service takes faults. */
export interface FaultTarget {
  readonly service: string;
  /** Its base URL with the path that its configuration names. */
  readonly url: string;
}

/** @throws ShopctlError `usage` for an unknown service, `fault-unsupported`, `fault-target-down` */
export async function locate(project: Project, service: string): Promise<FaultTarget> {
  const spec = project.services.find(({ name }) => name === service);
  if (spec === undefined) throw unknownService(service, project);
  if (spec.simulate === undefined) {
    const replicas = replicasOf(project, service);
    throw new ShopctlError('fault-unsupported', {
      message: `the configuration does not say where ${service} takes faults`,
      ...(replicas.length === 0
        ? {}
        : { hint: `a fault is set on one of its replicas: ${replicas.join(', ')}` }),
    });
  }
  const status = await runningStatus(project);
  const running = status.services.find(({ name }) => name === service);
  const base = running?.url;
  if (running === undefined || base === undefined || !takesRequests(running)) {
    const state = running === undefined ? 'is not among what runs' : `is ${running.state}`;
    throw new ShopctlError('fault-target-down', { message: `${service} ${state}` });
  }
  return { service, url: urlOf(base, spec.simulate) };
}

/** What stands before replicas takes no faults; they do. */
const replicasOf = ({ services }: Project, service: string) =>
  services.flatMap((spec) =>
    spec.kind === 'own' && spec.replicaOf === service && spec.simulate !== undefined ? [spec.name] : [],
  );

/** Every service that takes faults and runs. @throws ShopctlError `fault-unsupported`, `fault-target-down` for none */
export async function locateAll(project: Project): Promise<FaultTarget[]> {
  const able = new Map(project.services.map(({ name, simulate }) => [name, simulate]));
  if ([...able.values()].every((path) => path === undefined)) {
    throw new ShopctlError('fault-unsupported', {
      message: `no service of the topology ${project.topology} says where it takes faults`,
    });
  }
  const { services } = await runningStatus(project);
  const targets = services.filter(takesRequests).flatMap(({ name, url }) => {
    const path = able.get(name);
    return path === undefined || url === undefined ? [] : [{ service: name, url: urlOf(url, path) }];
  });
  if (targets.length > 0) return targets;
  throw new ShopctlError('fault-target-down', { message: 'no service that takes faults runs' });
}

async function runningStatus(project: Project): Promise<ProjectStatus> {
  const status = await readStatus(project);
  if (status.supervisor === undefined || status.topology === project.topology) return status;
  throw new ShopctlError('fault-target-down', {
    message: `the topology ${project.topology} does not run, but ${status.topology} does`,
    hint: `choose it with \`--topology ${status.topology}\``,
  });
}

/** A service whose supervisor died answers as before. */
const takesRequests = ({ state }: { state: string }) => state === 'ready' || state === 'orphaned';

const urlOf = (base: string, path: string) => `${base.replace(/\/$/, '')}${path}`;
