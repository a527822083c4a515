import { Counter, Gauge, type Registry } from 'prom-client';

const states = ['closed', 'half-open', 'open'] as const;
export type BreakerState = (typeof states)[number];

/** A circuit breaker as its metrics see it, asked whenever they are read. */
export interface WatchedBreaker {
  /** The service that it leads to. */
  upstream: string;
  state(): BreakerState;
  /** How often it has opened since the start. */
  opens(): number;
}

/** The metrics of a service that keeps requests away from others that fail. */
export function watchBreakers(breakers: readonly WatchedBreaker[], registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'circuit_breaker_state',
    help: '1 for the state in which the circuit to a service is, 0 for the others.',
    labelNames: ['upstream', 'state'] as const,
    registers,
    collect() {
      for (const { upstream, state } of breakers)
        for (const one of states) this.set({ upstream, state: one }, one === state() ? 1 : 0);
    },
  });
  new Counter({
    name: 'circuit_breaker_opens_total',
    help: 'How often the circuit to a service has opened.',
    labelNames: ['upstream'] as const,
    registers,
    collect() {
      this.reset();
      for (const { upstream, opens } of breakers) this.inc({ upstream }, opens());
    },
  });
}
