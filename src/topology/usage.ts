import { platform } from 'node:process';
import { familyOf } from './process-table.ts';
import type { ProcessUsage } from './process-usage.ts';
import type { ServiceStatus } from './state.ts';

/** What a service's main process, its group and all that descends from them have used. */
export interface Usage {
  readonly pid: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Of the main process. */
  readonly ageMs: number;
}

/** What services that have a process use, by name. A service whose process has just ended is not among them. */
export async function readUsage(
  services: readonly Pick<ServiceStatus, 'name' | 'pid'>[],
): Promise<ReadonlyMap<string, Usage>> {
  const mains = services.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  if (mains.length === 0) return new Map();
  const { listUsage } = await (platform === 'linux'
    ? import('./usage-linux.ts')
    : import('./usage-macos.ts'));
  const all = await listUsage();
  return new Map(
    services.flatMap(({ name, pid }) => {
      const usage = pid === undefined ? undefined : sumOf(pid, all);
      return usage === undefined ? [] : [[name, usage] as const];
    }),
  );
}

export function sumOf(pid: number, all: readonly ProcessUsage[]): Usage | undefined {
  const main = all.find((one) => one.pid === pid);
  if (main === undefined) return undefined;
  const members = new Set(familyOf(pid, all));
  const family = all.filter((one) => members.has(one.pid));
  const sum = (key: 'cpuMs' | 'rssBytes') => family.reduce((total, one) => total + one[key], 0);
  return { pid, cpuMs: sum('cpuMs'), rssBytes: sum('rssBytes'), ageMs: main.ageMs };
}
