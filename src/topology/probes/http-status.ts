import { connect, type Socket } from 'node:net';
import type { Endpoint } from './network.ts';
import { failure } from './network.ts';
import type { Sight } from './sight.ts';

/** Of an answer, what has to come before its status is known; more of it is somebody else's protocol. */
const MAX_STATUS_LINE = 64;
/** For the rest of an answer, of which nobody wants to know. */
const REST_MS = 1_000;

export interface Answer {
  readonly kind: 'status-line';
  readonly status: number;
}

/**
 * The status with which a GET is answered, asked for over a bare connection: to load and start Node's HTTP client costs
 * many times as much as the question, and services are asked for nothing else while they start. Undefined for an answer
 * that takes a client to understand, or that makes no sense: a client has words for that.
 */
export function statusOf(
  url: URL,
  { address, port }: Endpoint,
  signal: AbortSignal,
): Promise<Answer | Sight | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    let head = '';
    const abort = () => socket.destroy(new Error('it was given up'));
    signal.addEventListener('abort', abort);
    socket.on('connect', () => {
      socket.write(
        `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`,
      );
    });
    socket.on('data', (piece: Buffer) => {
      head += piece.toString('latin1');
      const line = /^HTTP\/1\.[01] (?<status>[2-5]\d\d)[ \r]/.exec(head);
      if (line === null && head.length < MAX_STATUS_LINE && !head.includes('\n')) return;
      resolve(line === null ? undefined : { kind: 'status-line', status: Number(line.groups?.['status']) });
      signal.removeEventListener('abort', abort);
      letFinish(socket);
    });
    socket.on('error', (error) => resolve(failure(error)));
    socket.on('close', () => {
      signal.removeEventListener('abort', abort);
      resolve(undefined);
    });
  });
}

/** To be cut off in the middle of an answer would be an error in the log of whoever gives it. */
function letFinish(socket: Socket): void {
  socket.removeAllListeners('data').resume().unref();
  const timer = setTimeout(() => socket.destroy(), REST_MS).unref();
  socket.on('close', () => clearTimeout(timer));
}
