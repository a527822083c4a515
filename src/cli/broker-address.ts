import { type BrokerAddress, parseAddress } from '../broker/client/index.ts';
import { BROKER, type ProjectBroker } from '../config/index.ts';
import { ShopctlError } from '../errors/index.ts';
import { readStatus } from '../topology/index.ts';
import type { CliContext } from './context.ts';

/**
 * The broker to look into: AMQP_URL where it is set, else the one of the topology that runs, else the configuration's.
 *
 * @throws ShopctlError `broker-unconfigured`, `usage`, or whatever is wrong with the configuration
 */
export async function brokerAddress(context: CliContext): Promise<BrokerAddress> {
  const fromEnvironment = context.env['AMQP_URL'] ?? '';
  if (fromEnvironment !== '') {
    const remedy = 'AMQP_URL in the environment names it: is it the right one, and does it run?';
    const managementUrl = await managementOf(context, fromEnvironment);
    return parseAddress(fromEnvironment, { source: 'AMQP_URL', remedy, managementUrl });
  }
  const project = await context.loadProject();
  const { broker } = project;
  if (broker === undefined) {
    throw new ShopctlError('broker-unconfigured', { message: 'the configuration has no `broker:`' });
  }
  const { services } = await readStatus(project);
  const running = services.find(({ name }) => name === BROKER);
  const doesRun = running?.state === 'ready' || running?.state === 'orphaned';
  const url = (doesRun && running.url !== undefined ? asKnown(running.url, broker) : undefined) ?? broker.url;
  if (url === undefined) {
    throw new ShopctlError('broker-unconfigured', {
      message: `the topology ${project.topology} has no broker`,
      hint: 'choose one that has with `--topology NAME`',
    });
  }
  return parseAddress(url, {
    source: '`broker.url`',
    remedy: 'start it with `shopctl up`, then see `shopctl status`',
    managementUrl: broker.managementUrl,
  });
}

/** Of the configuration, if it is about the same broker. One that is missing or wrong is not needed here. */
async function managementOf(context: CliContext, url: string): Promise<string | undefined> {
  try {
    const { broker } = await context.loadProject();
    return broker?.url === url ? broker.managementUrl : undefined;
  } catch (error) {
    if (error instanceof ShopctlError) return undefined;
    throw error;
  }
}

/** What is written down of a running broker holds no credentials. */
function asKnown(running: string, { url, credentials }: ProjectBroker): string {
  const place = new URL(running);
  if (credentials !== undefined) {
    place.username = encodeURIComponent(credentials.user);
    place.password = encodeURIComponent(credentials.password);
  } else if (url !== undefined && new URL(url).host === place.host) return url;
  return place.href;
}
