import CircuitBreaker from 'opossum';
import type { WatchedBreaker } from '../kit/breaker-metrics.ts';
import { type Clock, type Logger, Problem } from '../kit/index.ts';

/** Keeps requests away from a service that fails. Owns timers until `close`. */
export interface Breaker extends WatchedBreaker {
  /**
   * Does the work, unless the circuit is open: then it throws a 503 problem at once, with the seconds until the
   * service is tried again. Work that throws counts as a failure of the service, except when whoever asked is gone.
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  close(): void;
}

interface BreakerOptions {
  name: string;
  resetMs: number;
  /** Whether an error says nothing about the service. */
  isNobodysFault: (error: unknown) => boolean;
  clock: Clock;
  log: Logger;
}

/** At least this many requests within ten seconds, and more than half of them failed: then the circuit opens. */
const minRequests = 10;
const windowMs = 10_000;
const maxFailedPercent = 50;

export function createBreaker({ name, resetMs, isNobodysFault, clock, log }: BreakerOptions): Breaker {
  let openedAtMs = 0;
  let opens = 0;
  const circuit: CircuitBreaker<[() => Promise<void>], void> = new CircuitBreaker((work) => work(), {
    name,
    // The exchange has a deadline of its own.
    timeout: false,
    resetTimeout: resetMs,
    rollingCountTimeout: windowMs,
    volumeThreshold: minRequests,
    errorThresholdPercentage: maxFailedPercent,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    // A probe that its client abandons proves nothing, so it must not close the circuit.
    errorFilter: (error) => isNobodysFault(error) && !circuit.halfOpen,
  });
  circuit.on('open', () => {
    openedAtMs = clock.now();
    opens += 1;
    log.warn({ upstream: name }, `circuit opened: the ${name} service fails`);
  });
  circuit.on('halfOpen', () => log.info({ upstream: name }, `circuit half open: trying the ${name} service`));
  circuit.on('close', () =>
    log.info({ upstream: name }, `circuit closed: the ${name} service answers again`),
  );
  return {
    upstream: name,
    state: () => (circuit.opened ? 'open' : circuit.halfOpen ? 'half-open' : 'closed'),
    opens: () => opens,
    run: async <T>(work: () => Promise<T>): Promise<T> => {
      let outcome: { value: T } | undefined;
      await circuit
        .fire(async () => {
          outcome = { value: await work() };
        })
        .catch((error: unknown) => {
          throw isOpenError(error) ? circuitOpen(name, openedAtMs + resetMs - clock.now()) : error;
        });
      if (outcome === undefined) throw new Error('the circuit breaker settled without an outcome');
      return outcome.value;
    },
    close: () => circuit.shutdown(),
  };
}

function isOpenError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EOPENBREAKER';
}

function circuitOpen(name: string, remainingMs: number): Problem {
  return new Problem({
    status: 503,
    kind: 'circuit-open',
    title: 'A needed service is not available',
    detail: `The ${name} service fails and is left in peace for a moment.`,
    headers: { 'retry-after': String(Math.max(1, Math.ceil(remainingMs / 1_000))) },
  });
}
