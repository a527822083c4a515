import type { Socket } from 'node:net';
import type { ServiceEvent } from '../../model/index.ts';
import type { ControlMessage, Hello } from './messages.ts';

/** Unsent bytes from which on a follower gets no more lines of output, until it has read the rest. */
const LOG_LIMIT_BYTES = 1 << 20;
/** Unsent bytes from which on a client is given up. */
const LIMIT_BYTES = 4 << 20;
/** A client that was given up may still read what it has been sent. */
const FAREWELL_MS = 2_000;
/** So that one event never becomes a line that the other end has to refuse. */
const LINES_AT_ONCE = 500;

/** What the supervisor sends to one client: never waits for it, and never keeps more than a bounded amount for it. */
export class ClientLine {
  readonly #socket: Socket;
  #linesLeftOut = 0;
  #isOver = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => this.#tellLeftOut());
  }

  hello(hello: Hello): void {
    this.#write(hello);
  }

  send(message: ControlMessage): void {
    this.#tellLeftOut();
    this.#write(message);
  }

  /** A follower that does not keep up with the output loses lines of it, and hears how many. */
  sendEvent(event: ServiceEvent): void {
    if (event.type !== 'log-lines') {
      this.send({ event });
      return;
    }
    for (let from = 0; from < event.lines.length; from += LINES_AT_ONCE) {
      const lines = event.lines.slice(from, from + LINES_AT_ONCE);
      if (this.#socket.writableLength > LOG_LIMIT_BYTES) this.#linesLeftOut += lines.length;
      else this.send({ event: { ...event, lines } });
    }
  }

  /** The last message. */
  end(message: ControlMessage): void {
    if (this.#isOver) return;
    this.#tellLeftOut();
    this.#write(message);
    this.#isOver = true;
    this.#hangUp();
  }

  #tellLeftOut(): void {
    if (this.#linesLeftOut === 0 || this.#socket.writableLength > LOG_LIMIT_BYTES) return;
    const linesLeftOut = this.#linesLeftOut;
    this.#linesLeftOut = 0;
    this.#write({ linesLeftOut });
  }

  #write(message: ControlMessage | Hello): void {
    if (this.#isOver || !this.#socket.writable) return;
    this.#socket.write(`${JSON.stringify(message)}\n`);
    if (this.#socket.writableLength <= LIMIT_BYTES) return;
    this.#isOver = true;
    this.#socket.write(`${JSON.stringify({ dropped: 'it does not read what it is sent' })}\n`);
    this.#hangUp();
  }

  /** Waits for nothing but that the system takes what was written. */
  #hangUp(): void {
    const socket = this.#socket;
    const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
    socket.end(() => socket.destroy());
    socket.once('close', () => clearTimeout(timer));
  }
}
