import { once } from 'node:events';
import { createServer, connect as open, type Socket } from 'node:net';

/** Stands between a client and the broker, and breaks what a network can break. */
export interface TcpProxy {
  /** The broker's address by way of this proxy. */
  url: string;
  /** Ends every connection at once; new ones are let through or not. */
  cut(next: 'let-through' | 'refuse'): void;
  letThrough(): void;
  stop(): Promise<void>;
}

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const url = new URL(target);
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer((socket) => {
    const behind = open(Number(url.port || 5_672), url.hostname);
    for (const one of [socket, behind]) {
      sockets.add(one);
      // Cut connections end with whatever error the system likes.
      one.on('error', () => one.destroy());
      one.on('close', () => {
        sockets.delete(one);
        socket.destroy();
        behind.destroy();
      });
    }
    if (isOpen) socket.pipe(behind).pipe(socket);
    else socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const here = new URL(target);
  here.port = String(typeof address === 'object' ? address?.port : address);
  here.hostname = '127.0.0.1';
  const cut = (next: 'let-through' | 'refuse') => {
    isOpen = next === 'let-through';
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: here.href,
    cut,
    letThrough: () => {
      isOpen = true;
    },
    stop: async () => {
      cut('refuse');
      server.close();
      await once(server, 'close');
    },
  };
}
