import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
// Not through its index: that reads an HTTP client too, and each generator would at its start.
import { createTrust, type TrustedAuthority } from '../../../http/trust.ts';
import type { WireRequest } from '../../wire-request.ts';

/** Begins a connection to where a request goes. What is written before it is there waits. */
export type OpenSocket = (target: Pick<WireRequest, 'origin' | 'hostname' | 'port'>) => Socket;

/** Plain for http, TLS for https, where a certificate that is not trusted is a connection that broke. */
export function socketOpener(trusted: readonly TrustedAuthority[]): OpenSocket {
  const trustAt = createTrust(trusted);
  return ({ origin, hostname, port }) => {
    if (!origin.startsWith('https:')) return connect({ host: hostname, port, noDelay: true });
    // A server name is a name: an address has no place there (RFC 6066, section 3).
    const name = isIP(hostname) === 0 ? { servername: hostname } : {};
    return connectTls({ host: hostname, port, ...name, ...trustAt(origin) }).setNoDelay(true);
  };
}
