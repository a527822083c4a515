import type { ProjectStatus } from '../topology/index.ts';

/** What runs, as a machine reads it (schemas `shopctl/status/1` and `shopctl/up/1`). Times are ISO 8601. */
export function statusDocument(
  schema: 'shopctl/status/1' | 'shopctl/up/1',
  { topology, phase, supervisor, services }: ProjectStatus,
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
      port: service.port ?? null,
      pid: service.pid ?? null,
      url: service.url ?? null,
      since: service.since ?? null,
      ready_after_ms: service.readyAfterMs ?? null,
      log_file: service.logFile ?? null,
      restarts: service.restarts ?? 0,
      exit: service.exit ?? null,
      reason: service.reason ?? null,
    })),
  };
}
