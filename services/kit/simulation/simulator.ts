import { type Clock, timestamp } from '../clock.ts';
import { unavailable } from '../problem.ts';
import { seededRandom } from '../random.ts';
import { noFaults } from './faults.ts';
import { type Latency, sampleLatencyMs } from './latency.ts';
import { type Endpoint, type Faults, inForce, nameOf, type Simulation } from './simulation.ts';

/** Stands before the business routes of a service. */
export interface Simulator {
  /** Notes that a request has come; what it answers does the request's work, as late as it is to be, or fails. */
  meet(endpoint: Endpoint): Hold;
  /** What was set by hand, and since when; undefined when nothing is. */
  readonly faults: Faults;
  readonly since: string | undefined;
  /** Takes the place of what was set before, from the next request on. */
  setFaults(faults: Faults): void;
  readonly endpoints: readonly EndpointState[];
}

/**
 * Does the work of one request so that its answer takes as long as was drawn, counted from when it came: work that
 * takes longer is not held back at all. A read waits after its work. A write waits before, so that it has no effect
 * when its caller has left by then. A failure is a 503 problem after the wait, and nothing is done.
 */
export type Hold = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** What an endpoint is in for, and what has happened there since the service started. */
export interface EndpointState {
  endpoint: Endpoint;
  latency: Latency | undefined;
  failureRate: number;
  requests: number;
  failures: number;
}

/** Counts what is done on purpose. */
export interface SimulationMeter {
  countSimulatedFailure(endpoint: Endpoint): void;
  countSimulatedDelay(endpoint: Endpoint, seconds: number): void;
  /** How many things are set by hand: 0 when none. */
  setFaultCount(count: number): void;
}

/** What of a service's parts its simulation needs. */
export interface SimulationParts {
  simulation: Simulation | undefined;
  clock: Clock;
  /** What everything drawn derives from, the service's name included. */
  seed: string;
  /** Whether faults may be set by hand at `/_simulate`. */
  takesFaults: boolean;
}

interface SimulatorOptions extends SimulationParts {
  endpoints: readonly Endpoint[];
  meter: SimulationMeter;
}

/** Throws when the settings name an endpoint that there is not. */
export function createSimulator({ simulation, clock, seed, endpoints, meter }: SimulatorOptions): Simulator {
  refuseUnknown(simulation, endpoints);
  const states = new Map(
    endpoints.map((endpoint) => [
      nameOf(endpoint),
      { endpoint, ...inForce(endpoint, noFaults, simulation), requests: 0, failures: 0 },
    ]),
  );
  let current = noFaults;
  let since: string | undefined;
  return {
    meet: (endpoint) => {
      const cameMs = clock.now();
      return async (signal, work) => {
        const state = states.get(nameOf(endpoint));
        if (state === undefined) return await work();
        const { isFailure, latencyMs } = draw(state, `${seed}/${nameOf(endpoint)}`);
        state.requests += 1;
        const waitForTurn = async () => {
          const waitMs = latencyMs - Math.max(0, clock.now() - cameMs);
          if (waitMs <= 0) return;
          meter.countSimulatedDelay(endpoint, waitMs / 1_000);
          await clock.sleep(waitMs, signal);
        };
        if (isFailure) {
          state.failures += 1;
          await waitForTurn();
          meter.countSimulatedFailure(endpoint);
          throw unavailable('simulated-failure', 'This failure is simulated; nothing was done.');
        }
        if (endpoint.method !== 'GET') {
          await waitForTurn();
          return await work();
        }
        try {
          return await work();
        } finally {
          await waitForTurn();
        }
      };
    },
    get faults() {
      return current;
    },
    get since() {
      return since;
    },
    setFaults: (faults) => {
      current = faults;
      const count = countFaults(faults);
      since = count === 0 ? undefined : timestamp(clock);
      for (const state of states.values()) Object.assign(state, inForce(state.endpoint, faults, simulation));
      meter.setFaultCount(count);
    },
    get endpoints() {
      return [...states.values()];
    },
  };
}

/**
 * The n-th request of an endpoint has numbers of its own, so that it meets the same fate on every run of a seed,
 * whatever came to other endpoints meanwhile and whatever was set before.
 */
function draw(
  { requests, latency, failureRate }: EndpointState,
  seed: string,
): { isFailure: boolean; latencyMs: number } {
  if (latency === undefined && failureRate === 0) return { isFailure: false, latencyMs: 0 };
  const random = seededRandom(`${seed}/${requests}`);
  // In this order, so that the failures of a seed stay the same whatever the latency is.
  const isFailure = random() < failureRate;
  return { isFailure, latencyMs: latency === undefined ? 0 : sampleLatencyMs(latency, random) };
}

function countFaults({ latency, failureRate, routes }: Faults): number {
  const isSetForAll = latency !== undefined || failureRate !== undefined;
  return routes.size + (isSetForAll ? 1 : 0);
}

function refuseUnknown(simulation: Simulation | undefined, endpoints: readonly Endpoint[]): void {
  const known = new Set(endpoints.map(nameOf));
  const unknown = Object.keys(simulation?.routeLatencies ?? {}).find((name) => !known.has(name));
  if (unknown !== undefined) throw new Error(`a latency is set for ${unknown}, which is not a route`);
}
