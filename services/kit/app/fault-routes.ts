import type { RawRequest } from '../contract/index.ts';
import type { Logger } from '../log.ts';
import {
  type EndpointState,
  type Faults,
  faultsBody,
  noFaults,
  readFaults,
  type Simulator,
  treatmentBody,
} from '../simulation/index.ts';
import type { BoundRoute, Method } from './route.ts';

export const faultPath = '/_simulate';

/** Where faults are set by hand while the service runs. They are kept in memory only: a restart clears them. */
export function faultRoutes(simulator: Simulator, log: Logger): BoundRoute[] {
  const answer = () => ({ status: 200, body: describe(simulator) });
  const setTo = (faults: Faults) => {
    simulator.setFaults(faults);
    log.warn({ faults: faultsBody(faults) }, 'faults set by hand');
    return answer();
  };
  const names = simulator.endpoints.map(({ endpoint: { method, path } }) => `${method} ${path}`);
  return [
    bound('GET', [], answer),
    bound('PUT', ['application/json'], ({ body }) => setTo(readFaults(body, names))),
    bound('DELETE', [], () => setTo(noFaults)),
  ];
}

/** Open to whoever asks from this machine, without a token: `fromHereOnly` is its guard. */
function bound(
  method: Method,
  mediaTypes: readonly string[],
  answer: (request: RawRequest) => { status: number; body: unknown },
): BoundRoute {
  return {
    method,
    path: faultPath,
    access: 'public',
    mediaTypes,
    isBodyOptional: false,
    answer: async (request) => answer(request),
  };
}

/** `faults` can be sent back by PUT as it is; `endpoints` is what follows from it and from the settings. */
function describe({ faults, since, endpoints }: Simulator) {
  return {
    faults: faultsBody(faults),
    since: since ?? null,
    endpoints: endpoints.map(endpointBody),
  };
}

function endpointBody({ endpoint: { method, path }, requests, failures, ...treatment }: EndpointState) {
  return { endpoint: `${method} ${path}`, ...treatmentBody(treatment), requests, failures };
}
