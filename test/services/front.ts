import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** An address that outlives the process behind it, so that a service may come back on another port. */
export interface Front {
  url: string;
  /** The port to which connections go from now on. */
  leadTo(port: number): void;
  /** Breaks every connection; until it leads somewhere again, new ones end at once, as on a port that nobody listens on. */
  cut(): void;
  /** Calls back, once, when so many pieces have come from now on; the last of them is not passed on yet. */
  atPiece(count: number, then: () => void): void;
  stop(): Promise<void>;
}

/** Passes bytes on and looks at none of them. */
export async function startFront(): Promise<Front> {
  const open = new Set<Socket>();
  let target: number | undefined;
  let piecesLeft = Number.POSITIVE_INFINITY;
  let onLastPiece: () => void = () => undefined;
  const pass = (from: Socket, to: Socket) => {
    open.add(from);
    from.on('data', (piece) => {
      piecesLeft -= 1;
      if (piecesLeft === 0) onLastPiece();
      if (!to.destroyed) to.write(piece);
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      open.delete(from);
      to.destroy();
    });
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (target === undefined) return void client.destroy();
    const service = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    pass(client, service);
    pass(service, client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const cut = () => {
    target = undefined;
    for (const socket of open) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`,
    leadTo: (port) => {
      target = port;
    },
    cut,
    atPiece: (count, then) => {
      piecesLeft = count;
      onLastPiece = then;
    },
    stop: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
