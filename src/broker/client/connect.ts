import { type Channel, type ChannelModel, connect } from 'amqplib';
import { messageOf, ShopctlError } from '../../errors/index.ts';
import type { BrokerAddress } from './address.ts';

/** An open connection. It belongs to {@link withBroker}, which closes it. */
export interface BrokerLink {
  readonly address: BrokerAddress;
  readonly model: ChannelModel;
  /** What the broker calls itself, such as `RabbitMQ`. */
  readonly product: string;
  /** Where the embedded broker says that its queues can be looked at. */
  readonly announcedManagementUrl?: string;
}

const CONNECT_LIMIT_MS = 5_000;
const CLOSE_LIMIT_MS = 2_000;
/** Two missed ones end the connection: a broker that went silent holds nobody up for longer than about twice that. */
const HEARTBEAT_SECONDS = 10;

export interface ConnectOptions {
  /** For the handshake; 5 s when left out. */
  readonly timeoutMs?: number;
  /** Aborted: the handshake is given up. */
  readonly signal?: AbortSignal;
}

/**
 * Connects, hands the connection over, and closes it whatever comes of that.
 * @throws ShopctlError `broker-unreachable`, `broker-refused`, `broker-lost` when it breaks off meanwhile
 */
export async function withBroker<T>(
  address: BrokerAddress,
  use: (link: BrokerLink) => Promise<T>,
  options: ConnectOptions = {},
): Promise<T> {
  const model = await open(address, options);
  let lost: string | undefined;
  const isLost = (error: unknown) => {
    lost ??= firstLine(error);
  };
  // Without a listener an error on the connection would end the process.
  model.on('error', isLost);
  model.on('close', (error) => isLost(error ?? 'the connection was closed'));
  try {
    return await use(linkOf(address, model));
  } catch (error) {
    if (lost === undefined || error instanceof ShopctlError) throw error;
    throw new ShopctlError('broker-lost', {
      message: `the connection to the broker at ${address.shown} broke off: ${lost}`,
      cause: error,
    });
  } finally {
    await closeQuietly(model);
  }
}

/** A channel without whose listener what the broker objects to would end the process; the operation says it too. */
export function quiet<C extends Channel>(channel: C): C {
  channel.on('error', () => undefined);
  return channel;
}

async function open(
  address: BrokerAddress,
  { timeoutMs = CONNECT_LIMIT_MS, signal }: ConnectOptions,
): Promise<ChannelModel> {
  try {
    return await connect(withHeartbeat(address.url), {
      noDelay: true,
      timeout: timeoutMs,
      ...(signal === undefined ? {} : { signal }),
      clientProperties: { connection_name: 'shopctl' },
    });
  } catch (error) {
    throw refusal(error, address, timeoutMs);
  }
}

function withHeartbeat(text: string): string {
  const url = new URL(text);
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  return url.href;
}

/** Why there is no connection. amqplib has no codes for what the broker says, only sentences; none holds credentials. */
function refusal(
  error: unknown,
  { shown, virtualHost, remedy }: BrokerAddress,
  timeoutMs: number,
): ShopctlError {
  const message = messageOf(error);
  if (message.includes('ACCESS-REFUSED') || message.includes('ACCESS_REFUSED')) {
    return new ShopctlError('broker-refused', {
      message: `the broker at ${shown} does not accept the user or the password`,
      cause: error,
    });
  }
  // RabbitMQ and the embedded broker close the connection here for nothing else.
  if (/NOT.ALLOWED|got <ConnectionClose/.test(message)) {
    return new ShopctlError('broker-refused', {
      message: `the broker has no virtual host \`${virtualHost}\`, or does not let this user in (${shown})`,
      hint: 'the path of the address names it: amqp://HOST:PORT/VIRTUAL-HOST; without a path it is `/`',
      cause: error,
    });
  }
  const reason =
    message === 'connect ETIMEDOUT'
      ? `nothing that speaks AMQP answered in ${timeoutMs / 1_000} s`
      : firstLine(error);
  return new ShopctlError('broker-unreachable', {
    message: `the broker at ${shown} cannot be reached: ${reason}`,
    hint: remedy,
    cause: error,
  });
}

function linkOf(address: BrokerAddress, model: ChannelModel): BrokerLink {
  const properties: Readonly<Record<string, unknown>> = { ...model.connection.serverProperties };
  const { product, management_url: managementUrl } = properties;
  return {
    address,
    model,
    product: typeof product === 'string' ? product : 'the broker',
    ...(typeof managementUrl === 'string' ? { announcedManagementUrl: managementUrl } : {}),
  };
}

/** A broker that does not answer any more must not hold up whoever says goodbye to it. */
async function closeQuietly(model: ChannelModel): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_LIMIT_MS);
  });
  // It is closed when this fails too: then the other side was first.
  await Promise.race([model.close().catch(() => undefined), late]);
  clearTimeout(timer);
}

function firstLine(error: unknown): string {
  return (messageOf(error).split('\n')[0] ?? '').slice(0, 300);
}
