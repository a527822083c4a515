import { baseUrl, type ServiceSpec } from '../config/project.ts';
import { logPath } from './log-format.ts';
import type { ServiceStatus } from './state.ts';

/** What is known of a service before it runs. */
export function plannedStatus(spec: ServiceSpec, stateDir: string): Omit<ServiceStatus, 'state' | 'since'> {
  const { name, kind, required, needs } = spec;
  const url = baseUrl(spec);
  const facts = { name, kind, required, needs, ...(url === undefined ? {} : { url }) };
  if (spec.kind === 'foreign') return facts;
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
