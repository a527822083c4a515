import { readUsage, type ServiceStatus, type Usage } from '../topology/index.ts';
import type { ServiceRow } from './status-table.ts';

/**
 * Adds to services what their processes use. CPU is the average since the process was started when asked for the first time
 * (as `ps` shows it), and since the last time from then on (as `top` does): so the first answer waits for nothing.
 */
export class UsageMeter {
  #before: ReadonlyMap<string, Usage> = new Map();
  #beforeMs = 0;

  async rows(services: readonly ServiceStatus[]): Promise<ServiceRow[]> {
    const usage = await readUsage(services);
    // `performance` would have to be loaded.
    const nowMs = Number(process.hrtime.bigint()) / 1e6;
    const rows = services.map((service) => {
      const now = usage.get(service.name);
      if (now === undefined) return service;
      const { rssBytes, ageMs: uptimeMs } = now;
      return { ...service, rssBytes, uptimeMs, cpuPercent: this.#percent(service.name, now, nowMs) };
    });
    this.#before = usage;
    this.#beforeMs = nowMs;
    return rows;
  }

  #percent(name: string, now: Usage, nowMs: number): number {
    const before = this.#before.get(name);
    const isSame = before?.pid === now.pid;
    const cpuMs = isSame ? now.cpuMs - before.cpuMs : now.cpuMs;
    const passedMs = isSame ? nowMs - this.#beforeMs : now.ageMs;
    // A child that has ended takes its share along.
    return passedMs <= 0 ? 0 : (100 * Math.max(0, cpuMs)) / passedMs;
  }
}
