import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The connections of a server on which no request runs. */
export interface IdleSockets {
  close(): void;
  /** The socket is no longer HTTP: whoever took it over closes it. */
  forget(socket: Duplex): void;
}

/**
 * Node calls a connection idle only after its first request; here one that never asked anything is idle too, and one
 * that has not come to the end of its TLS handshake.
 */
export function watchIdleSockets(server: Server, isTls: boolean): IdleSockets {
  const requestsRunning = new Map<Duplex, number>();
  /** By their other end, which is all that tells that a TLS socket is made of one of them. */
  const handshaking = new Map<string, Socket>();
  const admit = (socket: Socket) => {
    requestsRunning.set(socket, 0);
    socket.once('close', () => requestsRunning.delete(socket));
  };
  if (isTls) {
    server.on('connection', (socket: Socket) => {
      const peer = peerOf(socket);
      handshaking.set(peer, socket);
      socket.once('close', () => {
        if (handshaking.get(peer) === socket) handshaking.delete(peer);
      });
    });
    server.on('secureConnection', (socket: Socket) => {
      handshaking.delete(peerOf(socket));
      admit(socket);
    });
  } else server.on('connection', admit);
  server.on('request', ({ socket }, response) => {
    requestsRunning.set(socket, (requestsRunning.get(socket) ?? 0) + 1);
    response.once('close', () => {
      if (requestsRunning.has(socket)) requestsRunning.set(socket, (requestsRunning.get(socket) ?? 1) - 1);
    });
  });
  return {
    close: () => {
      for (const socket of handshaking.values()) socket.destroy();
      for (const [socket, running] of requestsRunning) if (running === 0) socket.destroy();
    },
    forget: (socket) => void requestsRunning.delete(socket),
  };
}

const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
