import { parseDuration } from '../lib/duration.ts';
import type { Liveness, Readiness, Restart } from './project.ts';
import type { RawService } from './raw.ts';

const DEFAULT_READY_TIMEOUT_MS = 20_000;
const DEFAULT_READY_EVERY_MS = 25;
const DEFAULT_LIVE_EVERY_MS = 10_000;
const DEFAULT_LIVE_TIMEOUT_MS = 2_000;
const DEFAULT_LIVE_FAILURES = 3;
const DEFAULT_BACKOFF_MS = 200;
const DEFAULT_BACKOFF_LIMIT_MS = 10_000;
/** A job takes as long as it takes, unless it is told how long that may be. Timers take no more than this. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export function readiness({ ready: raw = {}, port, url, job = false }: RawService): Readiness {
  const asked = port !== undefined || url !== undefined ? 'tcp' : 'running';
  const unasked = { kind: job ? 'exit' : asked } as const;
  const probe = raw.http === undefined ? unasked : { kind: 'http' as const, path: raw.http };
  return {
    probe,
    timeoutMs: durationMs(raw.timeout, job ? MAX_TIMEOUT_MS : DEFAULT_READY_TIMEOUT_MS),
    everyMs: Math.max(1, durationMs(raw.every, DEFAULT_READY_EVERY_MS)),
    ...(raw.notify === undefined ? {} : { notify: raw.notify }),
  };
}

/** Unless it is told otherwise, a service is asked from time to time what it was asked when it started. */
export function livenessOf(raw: RawService): { live?: Liveness } {
  const { live = {} } = raw;
  if (live === false) return {};
  const { probe } = readiness(raw);
  const asked = live.http === undefined ? probe : { kind: 'http' as const, path: live.http };
  if (asked.kind === 'running' || asked.kind === 'exit') return {};
  return {
    live: {
      probe: asked,
      everyMs: Math.max(1, durationMs(live.every, DEFAULT_LIVE_EVERY_MS)),
      timeoutMs: Math.max(1, durationMs(live.timeout, DEFAULT_LIVE_TIMEOUT_MS)),
      failures: live.failures ?? DEFAULT_LIVE_FAILURES,
    },
  };
}

export function restartOf({ restart = 'no' }: RawService): { restart?: Restart } {
  const { policy, backoff, limit } =
    typeof restart === 'string' ? { policy: restart, backoff: undefined, limit: undefined } : restart;
  if (policy === 'no') return {};
  const backoffMs = durationMs(backoff, DEFAULT_BACKOFF_MS);
  return {
    restart: { policy, backoffMs, limitMs: Math.max(backoffMs, durationMs(limit, DEFAULT_BACKOFF_LIMIT_MS)) },
  };
}

export function durationMs(text: string | undefined, fallbackMs: number): number {
  return text === undefined ? fallbackMs : (parseDuration(text) ?? fallbackMs);
}
