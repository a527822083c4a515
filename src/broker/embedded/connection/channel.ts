import { AmqpError } from '../wire/amqp-error.ts';
import { methodId } from '../wire/codec.ts';
import type { ClientMethod } from '../wire/methods.ts';
import { Consuming } from './consuming.ts';
import { Declaring } from './declaring.ts';
import { type Handlers, handle } from './handlers.ts';
import type { Link } from './link.ts';
import { Publishing } from './publishing.ts';
import { Replies } from './replies.ts';

/** One channel: what comes in goes to the part that knows it, and what a client did wrong ends the channel. */
export class Channel {
  readonly #replies: Replies;
  readonly #closing: Replies;
  readonly #publishing: Publishing;
  readonly #consuming: Consuming;
  readonly #handlers: Handlers;
  #isClosing = false;

  constructor(link: Link, number: number) {
    this.#replies = new Replies(link, number);
    this.#closing = new Replies(link, number);
    const declaring = new Declaring(link, this.#replies);
    this.#consuming = new Consuming(link, this.#replies, (name) => declaring.queueNamed(name));
    this.#publishing = new Publishing(link, this.#replies, () => this.#consuming.replyKey);
    this.#handlers = {
      ...declaring.handlers(),
      ...this.#publishing.handlers(),
      ...this.#consuming.handlers(),
      ChannelFlowOk: () => undefined,
    };
    this.#replies.send('ChannelOpenOk', {});
  }

  /** The close of this channel has been sent, and its answer is all that counts. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** @throws AmqpError when it ends the connection */
  method(method: ClientMethod): void {
    if (this.#publishing.isMidway) {
      throw AmqpError.unexpectedFrame(`${method.name}, where the content of a message was to come`);
    }
    this.#guarded(method, () => {
      if (handle(this.#handlers, method)) return;
      if (method.name.startsWith('Tx'))
        throw AmqpError.notImplemented('transactions; use publisher confirms');
      throw AmqpError.commandInvalid(`${method.name} has no place on an open channel`);
    });
  }

  header(payload: Buffer): void {
    this.#guarded(PUBLISH, () => this.#publishing.header(payload));
  }

  body(payload: Buffer): void {
    this.#guarded(PUBLISH, () => this.#publishing.body(payload));
  }

  /** The client can take more again. */
  resume(): void {
    if (!this.#isClosing) this.#consuming.pump();
  }

  /** The client has closed it, or its connection is gone. */
  close(): void {
    this.#replies.close();
    if (!this.#isClosing) this.#consuming.close();
  }

  #guarded(method: Pick<ClientMethod, 'name'>, run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof AmqpError)) throw error;
      if (error.scope === 'connection') throw error;
      this.#fail(error, methodId(method.name));
    }
  }

  #fail(error: AmqpError, method: number): void {
    const { replyCode, replyText } = error;
    this.close();
    this.#isClosing = true;
    this.#closing.send('ChannelClose', {
      replyCode,
      replyText,
      classId: method >>> 16,
      methodId: method & 0xffff,
    });
  }
}

/** What content frames belong to. */
const PUBLISH = { name: 'BasicPublish' } as const;
