/** Reply codes of AMQP 0-9-1 that this server sends, with the names that RabbitMQ puts in front of its sentences. */
const REPLIES = {
  311: ['CONTENT_TOO_LARGE', 'channel'],
  320: ['CONNECTION_FORCED', 'connection'],
  403: ['ACCESS_REFUSED', 'channel'],
  404: ['NOT_FOUND', 'channel'],
  405: ['RESOURCE_LOCKED', 'channel'],
  406: ['PRECONDITION_FAILED', 'channel'],
  501: ['FRAME_ERROR', 'connection'],
  502: ['SYNTAX_ERROR', 'connection'],
  503: ['COMMAND_INVALID', 'connection'],
  504: ['CHANNEL_ERROR', 'connection'],
  505: ['UNEXPECTED_FRAME', 'connection'],
  506: ['RESOURCE_ERROR', 'connection'],
  530: ['NOT_ALLOWED', 'connection'],
  540: ['NOT_IMPLEMENTED', 'connection'],
  541: ['INTERNAL_ERROR', 'connection'],
} as const satisfies Record<number, readonly [string, 'channel' | 'connection']>;

export type ReplyCode = keyof typeof REPLIES;

/** A reply text is a short string: at most 255 bytes, not characters. */
const REPLY_TEXT_BYTES = 255;

/** What a client did wrong. It ends its channel or, where the specification says so, its connection. */
export class AmqpError extends Error {
  readonly replyCode: ReplyCode;
  readonly scope: 'channel' | 'connection';

  constructor(replyCode: ReplyCode, sentence: string, scope?: 'channel' | 'connection') {
    const [name, usualScope] = REPLIES[replyCode];
    super(`${name} - ${sentence}`);
    this.name = 'AmqpError';
    this.replyCode = replyCode;
    this.scope = scope ?? usualScope;
  }

  /** The sentence, cut at a character where it is too long for the wire. */
  get replyText(): string {
    return cutToBytes(this.message, REPLY_TEXT_BYTES);
  }

  static refused(sentence: string): AmqpError {
    return new AmqpError(403, sentence);
  }
  static notFound(sentence: string): AmqpError {
    return new AmqpError(404, sentence);
  }
  static locked(sentence: string): AmqpError {
    return new AmqpError(405, sentence);
  }
  static precondition(sentence: string): AmqpError {
    return new AmqpError(406, sentence);
  }
  static frame(sentence: string): AmqpError {
    return new AmqpError(501, sentence);
  }
  static syntax(sentence: string): AmqpError {
    return new AmqpError(502, sentence);
  }
  static commandInvalid(sentence: string): AmqpError {
    return new AmqpError(503, sentence);
  }
  static channel(sentence: string): AmqpError {
    return new AmqpError(504, sentence);
  }
  static unexpectedFrame(sentence: string): AmqpError {
    return new AmqpError(505, sentence);
  }
  static resource(sentence: string): AmqpError {
    return new AmqpError(506, sentence);
  }
  static notAllowed(sentence: string): AmqpError {
    return new AmqpError(530, sentence);
  }
  static notImplemented(sentence: string): AmqpError {
    return new AmqpError(540, sentence);
  }
}

function cutToBytes(text: string, limit: number): string {
  let cut = text.slice(0, limit);
  while (Buffer.byteLength(cut) > limit) cut = cut.slice(0, -1);
  // Half of a surrogate pair would become U+FFFD on the wire.
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
