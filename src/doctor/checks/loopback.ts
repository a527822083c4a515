import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { messageOf } from '../../errors/index.ts';
import type { Check, Diagnosis } from '../diagnosis.ts';

export interface LoopbackFacts {
  /** Why there is no connection to ourselves there; undefined: there is. */
  readonly ipv4?: string;
  readonly ipv6?: string;
  /** What `localhost` means here; empty: nothing. */
  readonly localhost: readonly string[];
}

export const loopback: Check = {
  name: 'loopback',
  look: async (_scene, signal) => {
    const [ipv4, ipv6, localhost] = await Promise.all([
      failureOf('127.0.0.1', signal),
      failureOf('::1', signal),
      lookup('localhost', { all: true }).catch(() => []),
    ]);
    return [
      judgeLoopback({
        ...(ipv4 === undefined ? {} : { ipv4 }),
        ...(ipv6 === undefined ? {} : { ipv6 }),
        localhost: localhost.map(({ address }) => address),
      }),
    ];
  },
};

export function judgeLoopback({ ipv4, ipv6, localhost }: LoopbackFacts): Diagnosis {
  const hosts = 'write the line `127.0.0.1 localhost` into /etc/hosts';
  if (ipv4 !== undefined) {
    return {
      level: 'problem',
      message: `nothing can be reached at 127.0.0.1: ${ipv4}`,
      remedy: '`sudo ip link set lo up`; does a firewall or a sandbox forbid it?',
    };
  }
  const outside = localhost.find((address) => address !== '::1' && !address.startsWith('127.'));
  if (outside !== undefined) {
    return {
      level: 'problem',
      message: `localhost means ${outside}, which is not this machine`,
      remedy: hosts,
    };
  }
  if (localhost.length === 0) {
    return { level: 'warning', message: 'the name localhost means nothing here', remedy: hosts };
  }
  if (ipv6 !== undefined) {
    return {
      level: 'warning',
      message: `::1 cannot be used (${ipv6}): services that listen on IPv6 only will not start`,
      remedy:
        'let services listen on 127.0.0.1; `sysctl net.ipv6.conf.lo.disable_ipv6` tells whether it is switched off',
    };
  }
  return {
    level: 'ok',
    message: `127.0.0.1, ::1 and localhost (${localhost.join(', ')}) reach this machine`,
  };
}

/** Listens, connects and says a word. */
async function failureOf(host: string, signal: AbortSignal): Promise<string | undefined> {
  const server = createServer((socket) => socket.on('error', () => undefined).end('here'));
  try {
    await once(server.listen(0, host), 'listening', { signal });
    const address = server.address();
    const socket = connect({ host, port: typeof address === 'object' ? (address?.port ?? 0) : 0, signal });
    try {
      await once(socket, 'data', { signal });
    } finally {
      socket.destroy();
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  } finally {
    server.close();
  }
}
