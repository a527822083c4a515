import { baseUrl, type ServiceSpec } from '../config/project.ts';
import { logPath } from './log-format.ts';
import type { ServiceStatus } from './state.ts';

/** What is known of a service before it runs. */
export function plannedStatus(spec: ServiceSpec, stateDir: string): Omit<ServiceStatus, 'state' | 'since'> {
  const { name, kind, required, needs } = spec;
  const url = baseUrl(spec);
  const facts = { name, kind, required, needs, ...(url === undefined ? {} : { url }) };
  if (spec.kind === 'foreign') {
    if (spec.adopted === undefined) return facts;
    const { port, pid, startTime } = spec.adopted;
    // Shown as it is configured, on whichever loopback it listens.
    const shown = spec.url.replace('[::1]', '127.0.0.1');
    return { ...facts, kind: 'own', port, url: shown, adopted: { pid, startTime } };
  }
  const { stopGraceMs, port, freePort, replicaOf } = spec;
  return {
    ...facts,
    stopGraceMs,
    logFile: logPath(stateDir, name),
    ...(port === undefined ? {} : { port }),
    ...(freePort === undefined ? {} : { freePort }),
    ...(replicaOf === undefined ? {} : { replicaOf }),
  };
}
