import { createServer, type RequestListener, type Server } from 'node:http';
import { bindPort } from '../kit/index.ts';

/** A port of this machine for each part of the monolith, by which the parts ask each other. */
export interface Doors {
  /** Base addresses by name. */
  urls: Readonly<Record<string, string>>;
  /** From now on that part answers at its door. */
  open(name: string, handler: RequestListener): void;
  close(): Promise<void>;
}

/**
 * Takes the ports before there is anybody to answer at them, because the parts need each other's addresses to be made.
 * Throws `ExitError` (exit code 3) when there is no free port.
 */
export async function takeDoors(names: readonly string[]): Promise<Doors> {
  const handlers = new Map<string, RequestListener>();
  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(servers.map(end));
  };
  const urls: Record<string, string> = {};
  for (const name of names) {
    const server = createServer((request, response) => {
      const handler = handlers.get(name);
      if (handler === undefined) response.writeHead(503, { 'retry-after': '1' }).end();
      else handler(request, response);
    });
    try {
      urls[name] = `http://127.0.0.1:${await bindPort({ server, host: '127.0.0.1', port: 0 })}`;
    } catch (error) {
      await close();
      throw error;
    }
    servers.push(server);
  }
  return { urls, open: (name, handler) => void handlers.set(name, handler), close };
}

async function end(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
