import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf, ShopctlError } from '../../errors/index.ts';

export interface Listening {
  readonly port: number;
  readonly addresses: readonly string[];
  /** Takes no new connections; resolves once the last one has ended. */
  close(): Promise<void>;
}

/** Free ports that are tried until one is free on both families. */
const TRIES = 20;

/**
 * Listens on one address, or for `localhost` on both loopback addresses: which of them clients mean by it differs.
 * @throws ShopctlError `port-taken`
 */
export async function listen(
  host: string,
  port: number,
  accept: (socket: Socket) => void,
): Promise<Listening> {
  if (host !== 'localhost') return listening([await listenOn(host, port, accept)]);
  for (let tries = 1; ; tries += 1) {
    const first = await listenOn('127.0.0.1', port, accept);
    try {
      return listening([first, await listenOn('::1', addressOf(first).port, accept)]);
    } catch (error) {
      if (hasNoIpv6(error)) return listening([first]);
      await closeAll([first]);
      if (port !== 0 || tries === TRIES) throw error;
    }
  }
}

async function listenOn(host: string, port: number, accept: (socket: Socket) => void): Promise<Server> {
  const server = createServer(accept).listen({ host, port });
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' && codeOf(error) !== 'EACCES') throw error;
    throw new ShopctlError('port-taken', {
      message: `the broker cannot listen on ${host} port ${port}: ${messageOf(error)}`,
      hint: 'choose another port',
      cause: error,
    });
  }
}

function listening(servers: readonly Server[]): Listening {
  const addresses = servers.map(addressOf);
  return {
    port: addresses[0]?.port ?? 0,
    addresses: addresses.map(({ address }) => address),
    close: () => closeAll(servers),
  };
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
}

function addressOf(server: Server): { readonly address: string; readonly port: number } {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no address');
  return address;
}

function hasNoIpv6(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(codeOf(error) ?? '');
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
