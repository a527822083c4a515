import type { Socket } from 'node:net';

/** Gathers what is sent within one turn of the event loop into one write. */
export class Output {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isScheduled = false;

  readonly #onWritten: () => void;

  /** `onWritten` is called when the system has taken everything: at once, or after a while. */
  constructor(socket: Socket, onWritten: () => void) {
    this.#socket = socket;
    this.#onWritten = onWritten;
    socket.on('drain', onWritten);
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
    if (!this.#socket.writable) return;
    // What the system takes at once is followed by no `drain`. Not within this turn: others want to be heard too.
    if (this.#socket.write(Buffer.concat(chunks, bytes))) setImmediate(this.#onWritten);
  }
}
