import type { ServiceEvent } from '../model/index.ts';

/** A service on the way that took longest, in milliseconds from the first start. */
export interface PathStep {
  readonly service: string;
  readonly startedMs: number;
  readonly readyMs: number;
}

interface Waiting {
  readonly name: string;
  readonly needs: readonly string[];
  /** It is started early: others wait for it only from the moment in which it may serve. */
  readonly eager?: true;
}

interface Timed extends PathStep {
  readonly needs: readonly string[];
}

/**
 * What a start has waited for: the service that was ready last, before it the one of its needs that was, and so on; first
 * step first. Making anything else faster makes the start no faster. Empty when nothing became ready.
 */
export function criticalPath(services: readonly Waiting[], events: readonly ServiceEvent[]): PathStep[] {
  const timed = timesOf(services, events);
  const path: Timed[] = [];
  for (let next = latest([...timed.values()]); next !== undefined; ) {
    path.unshift(next);
    const { needs } = next;
    next = latest([...timed.values()].filter(({ service }) => needs.includes(service)));
  }
  return path.map(({ needs: _needs, ...step }) => step);
}

function timesOf(services: readonly Waiting[], events: readonly ServiceEvent[]): Map<string, Timed> {
  const starts = new Map<string, number>();
  const timed = new Map<string, Timed>();
  const beganMs = Math.min(...events.flatMap((one) => (one.type === 'service-starting' ? [one.atMs] : [])));
  for (const event of events) {
    if (event.type === 'service-starting') starts.set(event.service, event.atMs - beganMs);
    if (event.type !== 'service-ready' && event.type !== 'service-completed') continue;
    const { service } = event;
    const spec = services.find(({ name }) => name === service);
    const needs = spec?.needs ?? [];
    const mayServeMs = needs.map((need) => timed.get(need)?.readyMs ?? 0);
    const startedMs = starts.get(service) ?? 0;
    timed.set(service, {
      service,
      needs,
      startedMs: spec?.eager === true ? Math.max(startedMs, ...mayServeMs) : startedMs,
      readyMs: event.atMs - beganMs,
    });
  }
  return timed;
}

function latest(steps: readonly Timed[]): Timed | undefined {
  return steps.reduce<Timed | undefined>(
    (last, step) => (last === undefined || step.readyMs > last.readyMs ? step : last),
    undefined,
  );
}
