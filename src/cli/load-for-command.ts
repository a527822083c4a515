import { loadProject, type Project, type ProjectRequest } from '../config/index.ts';
import { portsOf } from '../topology/index.ts';

/**
 * The project as a command needs it: with the ports that it has while it runs, and otherwise, where services are about
 * to be started, with ports that are free at this moment.
 * @throws ShopctlError as `loadProject`, and `port-taken` when no port is left
 */
export async function loadForCommand(request: ProjectRequest, pick: boolean): Promise<Project> {
  const project = loadProject(request);
  const ports = await portsOf({ plan: project, pick, env: request.env });
  return haveAlready(project, ports) ? project : loadProject({ ...request, ports });
}

/** Every URL that one service knows of another has its port in it, so that one port changes all of them. */
function haveAlready({ services }: Project, ports: ReadonlyMap<string, number>): boolean {
  return services.every((spec) => {
    const port = ports.get(spec.name);
    return port === undefined || (spec.kind === 'own' && spec.port === port && spec.freePort === true);
  });
}
