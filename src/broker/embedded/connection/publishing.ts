import { carbonCopies } from '../core/dead-letter.ts';
import { isReplyKey, REPLY_TO } from '../core/direct-replies.ts';
import { type Message, newMessage } from '../core/message.ts';
import { AmqpError } from '../wire/amqp-error.ts';
import {
  type HeaderFacts,
  readHeader,
  replaceProperties,
  splitProperties,
  toShortString,
} from '../wire/content-header.ts';
import type { ClientMethods } from '../wire/methods.ts';
import { joinTable, splitTable } from '../wire/raw-table.ts';
import { Confirms } from './confirms.ts';
import type { Handlers } from './handlers.ts';
import type { Link } from './link.ts';
import type { Replies } from './replies.ts';

type PublishFields = ClientMethods['BasicPublish'];

/** A message that has been announced and is still coming in. */
interface Incoming {
  readonly fields: PublishFields;
  content: { readonly header: Buffer; readonly facts: HeaderFacts } | undefined;
  readonly body: Buffer[];
  missingBytes: number;
}

/** The longest that RabbitMQ lets a message wait, in milliseconds. */
const LONGEST_EXPIRATION_MS = 0xffff_ffff;

/** The publishing side of a channel: puts messages together, hands them to the core, answers. */
export class Publishing {
  readonly #link: Link;
  readonly #replies: Replies;
  readonly #replyKey: () => string | undefined;
  #confirms: Confirms | undefined;
  #incoming: Incoming | undefined;

  /** `replyKey` is where this channel's direct replies come in. */
  constructor(link: Link, replies: Replies, replyKey: () => string | undefined) {
    this.#link = link;
    this.#replies = replies;
    this.#replyKey = replyKey;
  }

  handlers(): Handlers {
    return {
      BasicPublish: (fields) => this.#begin(fields),
      ConfirmSelect: ({ nowait }) => {
        this.#confirms ??= new Confirms(this.#link, this.#replies);
        if (!nowait) this.#replies.send('ConfirmSelectOk', {});
      },
    };
  }

  /** A message is on its way: nothing but its content may come on this channel. */
  get isMidway(): boolean {
    return this.#incoming !== undefined;
  }

  header(payload: Buffer): void {
    const incoming = this.#incoming;
    if (incoming === undefined || incoming.content !== undefined) {
      throw AmqpError.unexpectedFrame('a content header that nothing announced');
    }
    // Kept beyond this turn, and what came with it must not be kept for its sake.
    const header = Buffer.from(payload);
    const facts = readHeader(header);
    const { bodyBytes } = this.#link.limits;
    if (facts.bodyBytes > bodyBytes) {
      throw AmqpError.precondition(
        `message size ${facts.bodyBytes} is larger than configured max size ${bodyBytes}`,
      );
    }
    incoming.content = { header, facts };
    incoming.missingBytes = facts.bodyBytes;
    if (facts.bodyBytes === 0) this.#complete(incoming);
  }

  body(payload: Buffer): void {
    const incoming = this.#incoming;
    if (incoming?.content === undefined) {
      throw AmqpError.unexpectedFrame('a content body that nothing announced');
    }
    incoming.missingBytes -= payload.length;
    if (incoming.missingBytes < 0) throw AmqpError.unexpectedFrame('a body that is longer than announced');
    incoming.body.push(Buffer.from(payload));
    if (incoming.missingBytes === 0) this.#complete(incoming);
  }

  #begin(fields: PublishFields): void {
    if (fields.immediate) throw AmqpError.notImplemented('immediate=true');
    this.#incoming = { fields, content: undefined, body: [], missingBytes: 0 };
  }

  #complete({ fields, content, body }: Incoming): void {
    this.#incoming = undefined;
    if (content === undefined) return;
    this.#link.published();
    const number = this.#confirms?.open();
    const message = this.#message(fields, content, body);
    const { host } = this.#link;
    const isRefused = (content.facts.persistent && host.journal.isFull) || this.#link.dice.strikes('nack');
    if (number !== undefined && isRefused) {
      this.#confirms?.settle(number, false);
      return;
    }
    const headers = content.facts.headers ?? {};
    const keys = [fields.routingKey, ...carbonCopies(headers, 'CC'), ...carbonCopies(headers, 'BCC')];
    const { routed, refused, stored } =
      fields.exchange === '' && isReplyKey(fields.routingKey)
        ? host.replies.send(fields.routingKey, message)
        : host.publish(message, keys, headers);
    if (!routed && fields.mandatory) this.#return(fields, message);
    if (number === undefined) return;
    const settle = (isStored: boolean) => this.#confirms?.settle(number, isStored);
    if (refused || !stored) settle(!refused);
    else
      host.journal.whenFlushed(
        () => settle(true),
        () => settle(false),
      );
  }

  #message(
    fields: PublishFields,
    { header, facts }: NonNullable<Incoming['content']>,
    body: Buffer[],
  ): Message {
    const exchange = this.#link.host.exchange(fields.exchange);
    if (exchange.definition.internal) {
      throw AmqpError.refused(`cannot publish to internal exchange '${fields.exchange}' in vhost '/'`);
    }
    const { user } = this.#link;
    if (facts.userId !== undefined && facts.userId !== user) {
      throw AmqpError.precondition(
        `user_id property set to '${facts.userId}' but authenticated user was '${user}'`,
      );
    }
    const [only] = body;
    return newMessage({
      exchange: fields.exchange,
      routingKey: fields.routingKey,
      header: this.#passedOn(header, facts),
      body: only !== undefined && body.length === 1 ? only : Buffer.concat(body),
      bodyBytes: facts.bodyBytes,
      persistent: facts.persistent,
      priority: facts.priority,
      expirationMs: readExpiration(facts.expiration),
    });
  }

  /** The header as consumers get it. */
  #passedOn(header: Buffer, { headers = {}, replyTo }: HeaderFacts): Buffer {
    let passed = header;
    requireKeys(headers['CC'], 'CC');
    if (headers['BCC'] !== undefined) {
      requireKeys(headers['BCC'], 'BCC');
      passed = withoutBcc(passed);
    }
    if (replyTo === REPLY_TO) {
      const key = this.#replyKey();
      if (key === undefined) throw AmqpError.precondition('fast reply consumer does not exist');
      passed = replaceProperties(passed, { replyTo: toShortString(key) });
    }
    return passed;
  }

  #return({ exchange, routingKey }: PublishFields, message: Message): void {
    const reply = { replyCode: 312, replyText: 'NO_ROUTE', exchange, routingKey };
    this.#replies.sendContent('BasicReturn', reply, message);
  }
}

function readExpiration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (ms <= LONGEST_EXPIRATION_MS) return ms;
  throw AmqpError.precondition(
    `invalid expiration '${text}': it must be a whole number of milliseconds up to ${LONGEST_EXPIRATION_MS}`,
  );
}

function requireKeys(value: unknown, name: string): void {
  const areKeys = Array.isArray(value) && value.every((key) => typeof key === 'string');
  if (value !== undefined && !areKeys) {
    throw AmqpError.precondition(`invalid ${name} header: it must be a list of routing keys`);
  }
}

function withoutBcc(header: Buffer): Buffer {
  const raw = splitProperties(header).get('headers');
  const table = raw === undefined ? new Map<string, Buffer>() : splitTable(raw.subarray(4));
  table.delete('BCC');
  return replaceProperties(header, { headers: joinTable(table) });
}
