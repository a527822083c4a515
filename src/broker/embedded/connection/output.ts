import type { Socket } from 'node:net';

/** Gathers what is sent within one turn of the event loop into one write. */
export class Output {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isScheduled = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that the other side has not taken yet. */
  get waitingBytes(): number {
    return this.#bytes + this.#socket.writableLength;
  }

  send(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  flush(): void {
    const chunks = this.#chunks;
    const bytes = this.#bytes;
    if (bytes === 0) return;
    this.#chunks = [];
    this.#bytes = 0;
    if (this.#socket.writable) this.#socket.write(Buffer.concat(chunks, bytes));
  }
}
