import { formatDuration } from '../lib/duration.ts';
import type { PathStep } from '../topology/index.ts';

/** The critical path as lines, and which of its services to make faster first. */
export function describeCriticalPath(path: readonly PathStep[]): string {
  const last = path.at(-1);
  if (last === undefined) return 'no service became ready, so there is no critical path';
  const steps = path.map(({ service, startedMs, readyMs }) => ({ service, tookMs: readyMs - startedMs }));
  const width = Math.max(...steps.map(({ service }) => service.length));
  const lines = steps.map(({ service, tookMs }) => `  ${service.padEnd(width)}  ${formatDuration(tookMs)}`);
  const [slowest] = [...steps].sort((one, other) => other.tookMs - one.tookMs);
  const share = last.readyMs === 0 ? 0 : Math.round(((slowest?.tookMs ?? 0) / last.readyMs) * 100);
  return [
    `critical path: the start waited ${formatDuration(last.readyMs)} for`,
    ...lines,
    `${slowest?.service} took ${share} % of it: make that faster first`,
  ].join('\n');
}
