import type { ProjectStatus, ServiceOperation } from '../topology/index.ts';
import { shownPid } from './shown-pid.ts';
import type { ServiceRow } from './status-table.ts';

/** What runs, as a machine reads it (schemas `shopctl/status/1`, `shopctl/up/1`, …). Times are ISO 8601. */
export function statusDocument(
  schema: `shopctl/${'status' | 'up' | ServiceOperation}/1`,
  {
    topology,
    phase,
    supervisor,
    services,
  }: Omit<ProjectStatus, 'services'> & { readonly services: readonly ServiceRow[] },
): Record<string, unknown> {
  return {
    schema,
    topology,
    phase,
    supervisor: supervisor ?? null,
    services: services.map((service) => ({
      name: service.name,
      kind: service.kind,
      state: service.state,
      required: service.required,
      replica_of: service.replicaOf ?? null,
      port: service.port ?? null,
      pid: shownPid(service) ?? null,
      adopted: service.adopted !== undefined,
      url: service.url ?? null,
      since: service.since ?? null,
      ready_after_ms: service.readyAfterMs ?? null,
      log_file: service.logFile ?? null,
      restarts: service.restarts ?? 0,
      ...(schema === 'shopctl/status/1' ? usage(service) : {}),
      exit: service.exit ?? null,
      waits_for: service.waitsFor ?? [],
      reason: service.reason ?? null,
    })),
  };
}

function usage({ cpuPercent, rssBytes, uptimeMs }: ServiceRow) {
  return {
    cpu_percent: cpuPercent === undefined ? null : Math.round(cpuPercent * 10) / 10,
    rss_bytes: rssBytes ?? null,
    uptime_ms: uptimeMs === undefined ? null : Math.round(uptimeMs),
  };
}
