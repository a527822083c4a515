import { parseAddress, withBroker } from '../../broker/client/index.ts';
import { BROKER } from '../../config/index.ts';
import { ShopctlError } from '../../errors/index.ts';
import type { Check, Diagnosis } from '../diagnosis.ts';

/** Less than any check may take, so that whoever does not answer is named. */
const CONNECT_LIMIT_MS = 2_000;

export const broker: Check = {
  name: 'broker',
  look: async ({ project }, signal) => {
    if (project?.broker === undefined) return [];
    const { broker: configured, services, topology } = project;
    const member = services.find(({ name }) => name === BROKER);
    if (member === undefined || configured.url === undefined) {
      return [{ level: 'ok', message: `the topology ${topology} has no broker` }];
    }
    if (member.kind === 'own') {
      return [
        { level: 'ok', message: `the embedded broker, on port ${member.port ?? 'any'}; nothing to install` },
      ];
    }
    return [await knock(configured.url, signal)];
  },
};

/** Whether a broker lets us in. What is said of it never holds the password. */
export async function knock(url: string, signal: AbortSignal): Promise<Diagnosis> {
  const remedy = 'start it, or correct AMQP_URL or `broker.url` in the configuration';
  try {
    const address = parseAddress(url, { source: 'the address of the broker', remedy });
    const say = (product: string) => `${product} at ${address.shown} lets in the user ${address.user}`;
    const message = await withBroker(address, async ({ product }) => say(product), {
      timeoutMs: CONNECT_LIMIT_MS,
      signal,
    });
    return { level: 'ok', message };
  } catch (error) {
    if (!(error instanceof ShopctlError)) throw error;
    return { level: 'problem', message: error.message, remedy: error.hint ?? remedy };
  }
}
