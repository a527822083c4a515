import { bodyOf, type Message } from '../core/message.ts';
import type { Journal } from '../journal/journal.ts';
import { encodeMethod } from '../wire/codec.ts';
import { contentFrames } from '../wire/frames.ts';
import type { ServerMethodName, ServerMethods } from '../wire/methods.ts';
import type { Link } from './link.ts';

interface Slot {
  /** Undefined until it may be sent. */
  send: (() => void) | undefined;
}

/** What one channel sends, in order: what has to wait for the disk holds back whatever comes after it. */
export class Replies {
  readonly #link: Link;
  readonly #channel: number;
  readonly #journal: Journal;
  #slots: Slot[] = [];
  #isClosed = false;

  constructor(link: Link, channel: number) {
    this.#link = link;
    this.#channel = channel;
    this.#journal = link.host.journal;
  }

  send<Name extends ServerMethodName>(name: Name, fields: ServerMethods[Name]): void {
    this.#inOrder(() => this.#link.send(encodeMethod(name, this.#channel, fields)));
  }

  sendContent<Name extends 'BasicDeliver' | 'BasicGetOk' | 'BasicReturn'>(
    name: Name,
    fields: ServerMethods[Name],
    message: Message,
  ): void {
    const { header } = message;
    // Taken now: later the body may have left memory.
    const body = bodyOf(message);
    const method = encodeMethod(name, this.#channel, fields);
    this.#inOrder(() => {
      const parts = [method, ...contentFrames(this.#channel, header, body, this.#link.frameMax)];
      if (this.#link.dice.strikes('cutMidFrame')) this.#breakOff(parts);
      else for (const part of parts) this.#link.send(part);
    });
  }

  /** Answers once everything done so far is on disk. */
  whenStored(send: () => void): void {
    const slot: Slot = { send: undefined };
    this.#slots.push(slot);
    this.#journal.whenFlushed(() => {
      slot.send = send;
      this.#drain();
    });
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#isClosed = true;
    this.#slots = [];
  }

  #inOrder(send: () => void): void {
    if (this.#isClosed) return;
    if (this.#slots.length === 0) send();
    else this.#slots.push({ send });
  }

  #breakOff(parts: readonly Buffer[]): void {
    const last = this.#link.dice.below('cutMidFrame', parts.length);
    for (const [index, part] of parts.entries()) {
      if (index < last) this.#link.send(part);
      if (index === last) this.#link.cutWithin(part);
    }
  }

  #drain(): void {
    for (let [first] = this.#slots; first?.send !== undefined; [first] = this.#slots) {
      // Taken out only then: what it sends goes out at once, what others send meanwhile waits.
      const { send } = first;
      const waiting = this.#slots.slice(1);
      this.#slots = [];
      send();
      this.#slots = [...this.#slots, ...waiting];
    }
  }
}
