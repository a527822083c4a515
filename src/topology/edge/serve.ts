import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Forwarding, forward } from './forward.ts';
import { MAX_HEADER_BYTES } from './headers.ts';
import { passConnection, passUpgrade, type Tunnel } from './tunnel.ts';

/** Services keep a connection this long; one that an edge ended sooner would surprise whoever reuses it. */
const KEEP_ALIVE_MS = 65_000;

export interface Edge {
  readonly server: Server;
  /** Takes nothing new, and resolves when what was asked has been answered. Connections without an end are cut. */
  drain(): Promise<void>;
}

/** By request: HTTP/1.1, each request to another member. */
export function serveRequests(around: Forwarding): Edge {
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 },
    (request, response) => {
      responses.add(response);
      response.once('close', () => {
        responses.delete(response);
        // Its connection is idle a moment later.
        if (isDraining) setImmediate(() => server.closeIdleConnections());
      });
      response.shouldKeepAlive &&= !isDraining;
      forward(request, response, around);
    },
  );
  const responses = new Set<ServerResponse>();
  const webSockets = new Set<Duplex>();
  let isDraining = false;
  server.on('upgrade', (request, socket, head) => {
    webSockets.add(socket);
    socket.once('close', () => webSockets.delete(socket));
    passUpgrade(request, socket, head, around);
  });
  return {
    server,
    drain: async () => {
      isDraining = true;
      const closed = closeOf(server);
      server.closeIdleConnections();
      for (const response of responses) response.shouldKeepAlive = false;
      for (const socket of webSockets) socket.destroy();
      await closed;
    },
  };
}

/** By connection: whatever is spoken there. */
export function serveConnections(around: Forwarding): Edge {
  const open = new Set<Tunnel>();
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    const tunnel = passConnection(socket, around);
    open.add(tunnel);
    socket.once('close', () => open.delete(tunnel));
  });
  return {
    server,
    drain: async () => {
      const closed = closeOf(server);
      for (const tunnel of open) tunnel.finish();
      await closed;
    },
  };
}

const closeOf = (server: Server | HttpServer) =>
  new Promise<void>((resolve) => server.close(() => resolve()));
