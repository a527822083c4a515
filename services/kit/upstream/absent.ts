import { unavailable } from '../problem.ts';
import type { Upstream } from './upstream.ts';

/** A service that this shop runs without: whoever needs it all the same gets a 503 problem that says so. */
export function absentUpstream(name: string): Upstream {
  return {
    name,
    call: async () => {
      throw unavailable('not-configured', `This shop runs without the ${name} service.`);
    },
    isAvailable: async () => false,
    close: async () => undefined,
  };
}
