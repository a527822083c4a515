import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Forwarding } from './forward.ts';
import { forwarded, pairs } from './headers.ts';
import { bodyOf, headersOf, nobodyReady } from './problems.ts';
import type { Member } from './rotation.ts';

/**
 * Passes a request for a WebSocket on, and from then on every byte of both sides. Of other upgrades (`h2c`) the request
 * is passed on without the wish, which a server may ignore.
 */
export function passUpgrade(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  around: Forwarding,
): void {
  const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
  const wish: [string, string][] = isWebSocket
    ? [
        ['connection', 'Upgrade'],
        ['upgrade', 'websocket'],
      ]
    : [['connection', 'close']];
  const fields = [...pairs(forwarded(request)), ...wish].map(([name, value]) => `${name}: ${value}\r\n`);
  const start = Buffer.from(`${request.method} ${request.url} HTTP/1.1\r\n${fields.join('')}\r\n`, 'latin1');
  const open = { client, first: Buffer.concat([start, head]), around };
  tunnel(open, () => {
    const body = bodyOf(nobodyReady(around.service));
    const lines = headersOf(nobodyReady(around.service), body).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    client.end(`HTTP/1.1 503 Service Unavailable\r\n${lines.join('')}connection: close\r\n\r\n${body}`);
  });
}

/** Passes a connection of whatever protocol on to the member whose turn it is. */
export function passConnection(client: Socket, around: Forwarding): Tunnel {
  client.setNoDelay(true);
  return tunnel({ client, first: Buffer.alloc(0), around }, () => client.destroy());
}

export interface Tunnel {
  /** Ends the connection once the member has answered what it was asked, as far as that can be seen from outside. */
  finish(): void;
}

interface Opening {
  readonly client: Duplex;
  /** Sent before what the client sends. */
  readonly first: Buffer;
  readonly around: Forwarding;
}

function tunnel({ client, first, around }: Opening, nobody: () => void): Tunnel {
  let finish = () => {
    client.destroy();
  };
  const tried = new Set<Member>();
  const attempt = () => {
    if (client.destroyed) return;
    const member = around.rotation.next(tried);
    if (member === undefined) return nobody();
    tried.add(member);
    const { address: host, port } = member;
    const upstream = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const abandon = () => upstream.destroy();
    client.once('close', abandon);
    upstream.once('error', () => {
      // It never was connected, so nothing of the client has been read for it.
      client.off('close', abandon);
      around.rotation.refused(member);
      attempt();
    });
    upstream.once('connect', () => {
      upstream.removeAllListeners('error');
      upstream.on('error', () => client.destroy());
      upstream.once('close', (hadError) => {
        if (hadError) client.destroy();
      });
      if (first.length > 0) upstream.write(first);
      client.pipe(upstream);
      upstream.pipe(client);
      finish = whenAnswered(client, upstream);
    });
  };
  client.on('error', () => client.destroy());
  attempt();
  return { finish: () => finish() };
}

/** A member that spoke last and has said nothing for so long has answered. */
const QUIET_MS = 100;

/** Nobody here knows where a message ends, and half an end would be a whole one for many servers. */
function whenAnswered(client: Duplex, upstream: Socket): () => void {
  let isAsked = false;
  let lastMs = 0;
  const spoke = (isAsking: boolean) => {
    isAsked = isAsking;
    lastMs = performance.now();
  };
  client.on('data', () => spoke(true));
  upstream.on('data', () => spoke(false));
  return () => {
    const look = setInterval(() => {
      if (isAsked || performance.now() - lastMs < QUIET_MS) return;
      client.end();
      upstream.end();
    }, QUIET_MS / 2);
    client.once('close', () => clearInterval(look));
  };
}
