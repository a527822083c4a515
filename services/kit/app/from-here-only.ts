import { isIPv4 } from 'node:net';
import type { RequestHandler } from 'express';
import { Problem } from '../problem.ts';

/**
 * Lets only programs of this machine pass. What a proxy passes on comes from elsewhere although the proxy is here; a
 * page in a browser of this machine sends where it comes from, and one whose name was made to point here (DNS
 * rebinding) that name as its host.
 */
export const fromHereOnly: RequestHandler = (request, _response, next) => {
  const { forwarded, 'x-forwarded-for': forwardedFor, origin, host = '' } = request.headers;
  const isDirect = [forwarded, forwardedFor, origin].every((header) => header === undefined);
  const peer = request.socket.remoteAddress ?? '';
  if (isDirect && isLoopback(peer) && isLoopback(hostName(host))) return next();
  throw new Problem({
    status: 403,
    kind: 'forbidden',
    title: 'Not allowed from there',
    detail: `${request.baseUrl} answers programs of the same machine only.`,
  });
};

function isLoopback(host: string): boolean {
  // An IPv4 peer of a socket that listens on "::" is written as an IPv6 address.
  const address = host.replace(/^::ffff:/i, '');
  return isIPv4(address) ? address.startsWith('127.') : address === '::1' || address === 'localhost';
}

function hostName(host: string): string {
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}
