import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';

export interface TestServer {
  readonly port: number;
  /** Paths with method, in the order they came. */
  readonly served: string[];
  /** Sockets that were opened in all. */
  readonly sockets: () => number;
  close(): Promise<void>;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Who answers at once is asked at once again, as often as all processors can: most tests need a small part of that. */
const THINKING_MS = 5;

/** A real HTTP server on a free port of 127.0.0.1, which takes every request up after `thinkingMs`. */
export async function startServer(
  handler: Handler = (_, response) => response.end('ok'),
  thinkingMs = THINKING_MS,
): Promise<TestServer> {
  const served: string[] = [];
  const open = new Set<Socket>();
  let sockets = 0;
  const serve: Handler = (request, response) => {
    served.push(`${request.method} ${request.url}`);
    handler(request, response);
  };
  const server = createServer(
    thinkingMs === 0 ? serve : (...exchange) => setTimeout(() => serve(...exchange), thinkingMs),
  );
  server.on('connection', (socket) => {
    sockets += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    served,
    sockets: () => sockets,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

export interface RawServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A TCP server that answers the first bytes of every connection as it likes, after a while. */
export async function startRawServer(answer: (socket: Socket) => void): Promise<RawServer> {
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => open.delete(socket));
    socket.once('data', () => setTimeout(() => answer(socket), THINKING_MS));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
