import type { Socket } from 'node:net';
import type { WireRequest } from '../../wire-request.ts';
import type { AutocannonConnection } from './autocannon-connection.ts';
import type { OpenSocket } from './open-socket.ts';

export interface NamedRequest extends WireRequest {
  /** Index into the profile's requests. */
  readonly index: number;
  readonly bytes: Buffer;
}

/** What a lane asks for and reports. Times are `performance.now()`; every request begun has exactly one outcome. */
export interface LaneEvents {
  /** The request to send next; undefined when it cannot be made, and the run is to end. */
  next(): NamedRequest | undefined;
  maySend(): boolean;
  begun(request: NamedRequest, atMs: number): void;
  answered(request: NamedRequest, times: Times, status: number): void;
  timedOut(request: NamedRequest, times: Times): void;
  /** The connection was refused, broke, closed early, or said something that is not HTTP. */
  broken(request: NamedRequest, times: Times, why: string): void;
  /** Cut off because the run ends. */
  abandoned(request: NamedRequest, times: Times): void;
}

export interface AnswerHead {
  readonly statusCode: number;
  readonly shouldKeepAlive: boolean;
}

export interface Times {
  readonly startedMs: number;
  readonly endedMs: number;
}

const MAX_BACKOFF_MS = 100;

/**
 * One connection of a closed model: at most one request in flight, the next one as soon as its outcome is known, one
 * keep-alive socket per origin, so that requests to several services share one weighted sequence.
 *
 * It takes autocannon's place between its connection object and the network, because autocannon binds a connection to
 * one origin, reconnects in a busy loop when refused, and after a dropped connection matches every later answer to the
 * request before it. The loop, the parser and the time-outs stay autocannon's.
 */
export class Lane {
  readonly #connection: AutocannonConnection;
  readonly #events: LaneEvents;
  readonly #open: OpenSocket;
  readonly #sockets = new Map<string, Socket>();
  #inFlight:
    | { readonly request: NamedRequest; readonly startedMs: number; readonly socket: Socket }
    | undefined;
  #head: AnswerHead | undefined;
  #failuresInARow = 0;
  #backoff: NodeJS.Timeout | undefined;

  constructor(connection: AutocannonConnection, events: LaneEvents, open: OpenSocket) {
    this.#connection = connection;
    this.#events = events;
    this.#open = open;
  }

  /** Called when autocannon would write its next request. */
  send(): void {
    if (!this.#events.maySend()) return;
    const request = this.#events.next();
    if (request === undefined) return;
    const socket = this.#socketTo(request);
    const startedMs = performance.now();
    this.#inFlight = { request, startedMs, socket };
    this.#events.begun(request, startedMs);
    socket.write(request.bytes);
  }

  /** A whole answer was parsed. Autocannon sends the next request right after. */
  answered(status: number): void {
    const flight = this.#land();
    if (flight === undefined) return;
    this.#failuresInARow = 0;
    if (this.#head?.shouldKeepAlive !== true) this.#forget(flight.socket);
    this.#events.answered(flight.request, times(flight), status);
  }

  /** The head of an answer was parsed. Returns true when no body follows, whatever its headers say. */
  headReceived(head: AnswerHead): boolean {
    this.#head = head;
    return this.#inFlight?.request.method === 'HEAD';
  }

  /** False for an interim answer such as 103 Early Hints (RFC 9110, 15.2): the one that counts is still to come. */
  isFinalAnswer(): boolean {
    return this.#head === undefined || this.#head.statusCode >= 200;
  }

  /** Autocannon drops the connection: because time is up for the request, or because the run ends. */
  drop(): void {
    clearTimeout(this.#backoff);
    const flight = this.#land();
    if (this.#connection.destroyed) {
      for (const socket of this.#sockets.values()) socket.destroy();
      this.#sockets.clear();
      if (flight !== undefined) this.#events.abandoned(flight.request, times(flight));
    } else if (flight !== undefined) {
      this.#reset(flight.socket);
      this.#events.timedOut(flight.request, times(flight));
    }
  }

  #land() {
    const flight = this.#inFlight;
    this.#inFlight = undefined;
    return flight;
  }

  #socketTo(request: NamedRequest): Socket {
    const { origin } = request;
    const open = this.#sockets.get(origin);
    if (open !== undefined) return open;
    const socket = this.#open(request);
    this.#sockets.set(origin, socket);
    socket.on('data', (chunk) => this.#received(socket, chunk));
    socket.on('end', () => this.#ended(socket));
    socket.on('error', (error) => this.#failed(socket, error.message));
    socket.on('close', () =>
      this.#failed(socket, 'the connection was closed before the answer was complete'),
    );
    return socket;
  }

  #received(socket: Socket, chunk: Buffer): void {
    if (this.#inFlight?.socket !== socket) {
      this.#forget(socket);
      return;
    }
    const parsed = this.#connection.parser.execute(chunk);
    if (parsed instanceof Error) this.#failed(socket, `not an HTTP answer: ${parsed.message}`);
  }

  /** An answer without a length ends with its connection (RFC 9112, 6.3); any other end is a break. */
  #ended(socket: Socket): void {
    this.#forget(socket);
    if (this.#inFlight?.socket !== socket) return;
    const { parser } = this.#connection;
    if (parser.state === 'BODY_RAW') {
      parser.finish();
      parser.initialize('RESPONSE');
    } else {
      this.#failed(socket, 'the connection was closed before the answer was complete');
    }
  }

  #failed(socket: Socket, why: string): void {
    this.#forget(socket);
    if (this.#inFlight?.socket !== socket) return;
    const flight = this.#land();
    if (flight === undefined) return;
    this.#reset(socket);
    this.#events.broken(flight.request, times(flight), why);
    const waitMs = Math.min(MAX_BACKOFF_MS, 2 ** this.#failuresInARow);
    this.#failuresInARow += 1;
    this.#backoff = setTimeout(() => this.#connection._doRequest(), waitMs);
  }

  #reset(socket: Socket): void {
    this.#forget(socket);
    this.#connection.pipelinedRequests.clear();
    this.#connection.parser.initialize('RESPONSE');
  }

  /** Never used again: removed from the sockets, and closed. */
  #forget(socket: Socket): void {
    for (const [origin, open] of this.#sockets) if (open === socket) this.#sockets.delete(origin);
    socket.destroy();
  }
}

function times({ startedMs }: { readonly startedMs: number }): Times {
  return { startedMs, endedMs: performance.now() };
}
