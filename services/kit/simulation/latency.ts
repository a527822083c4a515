import { parseDurationMs } from '../duration.ts';
import type { Random } from '../random.ts';

/** How long an answer is held back. All quantities are milliseconds. */
export type Latency =
  | { kind: 'constant'; ms: number }
  | { kind: 'uniform'; lowMs: number; highMs: number }
  | { kind: 'normal'; meanMs: number; deviationMs: number };

/** What `parseLatency` reads, for messages: completes "must be ...". */
export const latencyForm =
  '"normal(500ms, 80ms)", "uniform(20ms, 60ms)" or "constant(30ms)", of at most 10m each';

/** Far below the 24.8 days at which a timer overflows and would fire at once. */
const maxMs = 600_000;

/** Reads `constant(30ms)`, `uniform(20ms, 60ms)` or `normal(500ms, 80ms)`; undefined when it is none of them. */
export function parseLatency(text: string): Latency | undefined {
  const match = /^(constant|uniform|normal)\(([^()]*)\)$/.exec(text.trim());
  const quantities = (match?.[2] ?? '').split(',').map(parseQuantityMs);
  const [first, second, ...more] = quantities;
  if (match === null || first === undefined || more.length > 0) return undefined;
  if (match[1] === 'constant') return quantities.length === 1 ? { kind: 'constant', ms: first } : undefined;
  if (second === undefined) return undefined;
  if (match[1] === 'normal') return { kind: 'normal', meanMs: first, deviationMs: second };
  return first <= second ? { kind: 'uniform', lowMs: first, highMs: second } : undefined;
}

function parseQuantityMs(text: string): number | undefined {
  const ms = parseDurationMs(text);
  return ms !== undefined && ms <= maxMs ? ms : undefined;
}

/** The text that `parseLatency` reads as this latency. */
export function formatLatency(latency: Latency): string {
  switch (latency.kind) {
    case 'constant':
      return `constant(${latency.ms}ms)`;
    case 'uniform':
      return `uniform(${latency.lowMs}ms, ${latency.highMs}ms)`;
    case 'normal':
      return `normal(${latency.meanMs}ms, ${latency.deviationMs}ms)`;
  }
}

/** One latency in milliseconds, never below zero. */
export function sampleLatencyMs(latency: Latency, random: Random): number {
  switch (latency.kind) {
    case 'constant':
      return latency.ms;
    case 'uniform':
      return latency.lowMs + (latency.highMs - latency.lowMs) * random();
    case 'normal':
      return Math.max(0, latency.meanMs + latency.deviationMs * standardNormal(random));
  }
}

/** Box and Muller's transform; `1 - random()` keeps the logarithm away from zero. */
function standardNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
