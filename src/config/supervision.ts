import { parseDuration } from '../lib/duration.ts';
import type { AllProbes, Probe } from './probe-spec.ts';
import type { Liveness, Readiness, Restart } from './project.ts';
import type { RawService } from './raw.ts';

const DEFAULT_READY_TIMEOUT_MS = 20_000;
const DEFAULT_READY_EVERY_MS = 25;
/** A program that is started anew, or a login, costs more than a question. */
const BACKEND_READY_EVERY_MS = 100;
const COMMAND_READY_EVERY_MS = 250;
const COMMAND_LIMIT_MS = 10_000;
const DEFAULT_LIVE_EVERY_MS = 10_000;
const DEFAULT_LIVE_TIMEOUT_MS = 2_000;
const DEFAULT_LIVE_FAILURES = 3;
const DEFAULT_BACKOFF_MS = 200;
const DEFAULT_BACKOFF_LIMIT_MS = 10_000;
/** A job takes as long as it takes, unless it is told how long that may be. Timers take no more than this. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

type Asked = Probe | AllProbes;

/** @param asked what `ready` names */
export function readiness({ ready: raw = {}, port, url, job = false }: RawService, asked?: Asked): Readiness {
  const unasked = {
    kind: job ? 'exit' : port === undefined && url === undefined ? 'running' : 'tcp',
  } as const;
  const probe = asked ?? unasked;
  const usualEveryMs = asksBy(probe, 'command')
    ? COMMAND_READY_EVERY_MS
    : asksBy(probe, 'amqp', 'sql')
      ? BACKEND_READY_EVERY_MS
      : DEFAULT_READY_EVERY_MS;
  return {
    probe,
    timeoutMs: durationMs(raw.timeout, job ? MAX_TIMEOUT_MS : DEFAULT_READY_TIMEOUT_MS),
    everyMs: Math.max(1, durationMs(raw.every, usualEveryMs)),
    ...(raw.try === undefined ? {} : { tryMs: Math.max(1, durationMs(raw.try, 0)) }),
    ...(raw.notify === undefined ? {} : { notify: raw.notify }),
  };
}

/**
 * Unless it is told otherwise, a service is asked from time to time what it was asked when it started; what it wrote
 * then says nothing of now.
 *
 * @param asked what `live` names
 */
export function livenessOf(raw: RawService, ready: Readiness, asked?: Asked): { live?: Liveness } {
  const { live = {} } = raw;
  if (live === false) return {};
  const probe = asked ?? repeatable(ready.probe, raw);
  if (probe === undefined) return {};
  const startPeriodMs = durationMs(live['start-period'], 0);
  return {
    live: {
      probe,
      everyMs: Math.max(1, durationMs(live.every, DEFAULT_LIVE_EVERY_MS)),
      timeoutMs: Math.max(
        1,
        durationMs(live.timeout, asksBy(probe, 'command') ? COMMAND_LIMIT_MS : DEFAULT_LIVE_TIMEOUT_MS),
      ),
      failures: live.failures ?? DEFAULT_LIVE_FAILURES,
      ...(startPeriodMs === 0 ? {} : { startPeriodMs }),
    },
  };
}

function repeatable(probe: Readiness['probe'], { port, url }: RawService): Asked | undefined {
  if (probe.kind === 'running' || probe.kind === 'exit') return undefined;
  const probes = (probe.kind === 'all' ? probe.probes : [probe]).filter(({ kind }) => kind !== 'log');
  const [first] = probes;
  if (first === undefined) return port === undefined && url === undefined ? undefined : { kind: 'tcp' };
  return probes.length === 1 ? first : { kind: 'all', probes };
}

const asksBy = (probe: Readiness['probe'], ...kinds: Readiness['probe']['kind'][]): boolean =>
  probe.kind === 'all' ? probe.probes.some(({ kind }) => kinds.includes(kind)) : kinds.includes(probe.kind);

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
