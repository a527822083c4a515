import type { Socket } from 'node:net';

/** Why nothing is read from a client: publishers have to wait, or it does not read what it is sent. */
type Reason = 'pressure' | 'output';

/** Reads from a socket only while there is no reason not to. */
export class ReadGate {
  readonly #socket: Socket;
  readonly #reasons = new Set<Reason>();

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isShut(): boolean {
    return this.#reasons.size > 0;
  }

  shut(reason: Reason): void {
    this.#reasons.add(reason);
    this.#socket.pause();
  }

  /** True when it is read again from now on. */
  open(reason: Reason): boolean {
    if (!this.#reasons.delete(reason) || this.isShut) return false;
    this.#socket.resume();
    return true;
  }
}
