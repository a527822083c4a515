import { connect, isIPv4 } from 'node:net';
import { messageOf, ShopctlError } from '../errors/index.ts';
import type { WireRequest } from './wire-request.ts';

const CONNECT_TIMEOUT_MS = 2_000;

/** Where a request goes, and the name of the request that says so. */
export interface Target {
  readonly request: string;
  readonly wire: Pick<WireRequest, 'origin' | 'hostname' | 'port'>;
}

/** 127.0.0.0/8, ::1 and localhost: load must not leave this machine by a slip of the pen. */
export function isLoopback(hostname: string): boolean {
  if (isIPv4(hostname)) return hostname.startsWith('127.');
  return hostname === '::1' || hostname === 'localhost';
}

/** @throws ShopctlError `load-target-remote` for the first target that is not this machine */
export function refuseRemote(targets: readonly Target[]): void {
  const remote = targets.find(({ wire }) => !isLoopback(wire.hostname));
  if (remote !== undefined) {
    throw new ShopctlError('load-target-remote', {
      message: `the load request \`${remote.request}\` aims at ${remote.wire.origin}, which is not this machine`,
    });
  }
}

/**
 * Opens and closes one TCP connection to each origin, so that a run whose target is down ends before it starts.
 *
 * @throws ShopctlError `load-target-down` for the first origin where nothing accepts connections
 */
export async function refuseDown(targets: readonly Target[], signal: AbortSignal): Promise<void> {
  const byOrigin = new Map(targets.map((target) => [target.wire.origin, target]));
  await Promise.all([...byOrigin.values()].map((target) => knock(target, signal)));
}

function knock({ request, wire }: Target, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: wire.hostname, port: wire.port });
    const end = (error?: Error) => {
      signal.removeEventListener('abort', leave);
      socket.destroy();
      if (error === undefined) resolve();
      else reject(down(request, wire, error));
    };
    const leave = () => end();
    signal.addEventListener('abort', leave);
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => end(new Error('no answer to the connection attempt')));
    socket.once('connect', () => end());
    socket.once('error', end);
  });
}

function down(request: string, wire: Target['wire'], error: Error): ShopctlError {
  const reason =
    'code' in error && error.code === 'ECONNREFUSED' ? 'nothing listens there' : messageOf(error);
  return new ShopctlError('load-target-down', {
    message: `the target of the load request \`${request}\` is down: ${wire.origin} (${reason})`,
    cause: error,
  });
}
