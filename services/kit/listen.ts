import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { App } from './app/index.ts';
import { bindPort } from './bind.ts';
import { type IdleSockets, watchIdleSockets } from './idle-sockets.ts';
import type { Logger } from './log.ts';
import type { TlsSettings } from './tls.ts';

/** A service with a port. */
export interface Listening {
  /** The real port, also when 0 was asked for. */
  port: number;
  /**
   * Stops taking work, lets what runs finish, and closes everything. Answers whether all of it was done within
   * `graceMs`; what is still running then is cut off.
   */
  stop(graceMs: number): Promise<boolean>;
}

interface ListenOptions extends Partial<Pick<TlsSettings, 'certificate'>> {
  app: App;
  host: string;
  port: number;
  log: Logger;
}

/**
 * How long a connection may be silent. Whoever asks leaves after two seconds: with Node's five, on a machine that stands
 * still for three, our end of a connection would meet the next request on it.
 */
const SILENT_FOR_MS = 60_000;

/** Throws `ExitError` (exit code 3) when the port cannot be had. */
export async function listen({ app, host, port, log, certificate }: ListenOptions): Promise<Listening> {
  const server = serverFor(app, certificate);
  server.keepAliveTimeout = SILENT_FOR_MS;
  const idle = watchIdleSockets(server, certificate !== undefined);
  const { upgrade } = app;
  if (upgrade !== undefined)
    server.on('upgrade', (request, socket, head) => {
      idle.forget(socket);
      upgrade(request, socket, head);
    });
  const boundPort = await bindPort({ server, host, port });
  const url = `${certificate === undefined ? 'http' : 'https'}://${host}:${boundPort}`;
  log.info({ host, port: boundPort, pid: process.pid }, `${app.name} listens on ${url}`);
  return { port: boundPort, stop: (graceMs) => stop({ server, app, idle }, graceMs) };
}

function serverFor({ classes, handler }: App, certificate: TlsSettings['certificate']): Server {
  if (certificate === undefined) return createServer(classes, handler);
  return createTlsServer({ ...classes, ...certificate, minVersion: 'TLSv1.2' }, handler);
}

async function stop({ server, app, idle }: Serving, graceMs: number): Promise<boolean> {
  app.beginStop();
  const drained = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // Again and again, because a kept-alive connection becomes idle when its last answer is out.
  const sweep = setInterval(idle.close, 20);
  const isDrained = await within(graceMs, drained);
  clearInterval(sweep);
  if (!isDrained) server.closeAllConnections();
  // The store is closed in any case, so that its write-ahead log is folded in.
  const isClosed = await within(isDrained ? graceMs : 500, app.close());
  return isDrained && isClosed;
}

interface Serving {
  server: Server;
  app: App;
  idle: IdleSockets;
}

/** Whether `work` is done within that time. */
async function within(limitMs: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  const isInTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return isInTime;
}
