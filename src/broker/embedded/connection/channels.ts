import { AmqpError } from '../wire/amqp-error.ts';
import { encodeMethod } from '../wire/codec.ts';
import { FRAME, type Frame } from '../wire/frames.ts';
import type { ClientMethod } from '../wire/methods.ts';
import { Channel } from './channel.ts';
import type { Link } from './link.ts';

/** The channels of a connection, by number. */
export class Channels {
  readonly #link: Link;
  readonly #open = new Map<number, Channel>();

  constructor(link: Link) {
    this.#link = link;
  }

  get count(): number {
    return this.#open.size;
  }

  /** @throws AmqpError when it ends the connection */
  method(number: number, method: ClientMethod, highest: number): void {
    if (method.name === 'ChannelOpen') {
      this.#openChannel(number, highest);
      return;
    }
    const channel = this.#channel(number);
    if (method.name === 'ChannelClose') {
      // Both sides may close at once: then the answer to ours is still to come.
      if (!channel.isClosing) this.#open.delete(number);
      channel.close();
      this.#link.send(encodeMethod('ChannelCloseOk', number, {}));
    } else if (method.name === 'ChannelCloseOk') {
      channel.close();
      this.#open.delete(number);
    } else if (!channel.isClosing) {
      channel.method(method);
    }
  }

  /** A part of a message. @throws AmqpError when it ends the connection */
  content({ type, channel: number, payload }: Frame): void {
    const channel = this.#channel(number);
    if (channel.isClosing) return;
    if (type === FRAME.header) channel.header(payload);
    else channel.body(payload);
  }

  /** The client can take more again. */
  resume(): void {
    for (const channel of this.#open.values()) channel.resume();
  }

  close(): void {
    for (const channel of this.#open.values()) channel.close();
    this.#open.clear();
  }

  #openChannel(number: number, highest: number): void {
    if (this.#open.has(number)) throw AmqpError.channel(`channel ${number} is open already`);
    if (number > highest) {
      throw AmqpError.notAllowed(`channel ${number} is above the negotiated channel_max (${highest})`);
    }
    this.#open.set(number, new Channel(this.#link, number));
  }

  /** @throws AmqpError 504 */
  #channel(number: number): Channel {
    const channel = this.#open.get(number);
    if (channel === undefined) throw AmqpError.channel(`channel ${number} is not open`);
    return channel;
  }
}
