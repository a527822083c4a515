import type { ChalkInstance } from 'chalk';
import type { PeekedMessage } from '../broker/client/index.ts';
import type { Mask } from '../lib/mask.ts';
import { printable } from './queue-words.ts';

/** Of a body; in JSON output, and on a terminal. */
const MOST_BODY_BYTES = 256_000;
const MOST_SHOWN = 2_000;
const MOST_SHOWN_HEADER = 500;

/** A message as a machine reads it, without secrets. One of the three kinds of body is there. */
export interface MessageDocument {
  readonly redelivered: boolean;
  readonly exchange: string;
  readonly routing_key: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly failure: {
    readonly queue: string | null;
    readonly error: string | null;
    readonly attempts: number | null;
    readonly first_failed_at: string | null;
  };
  readonly body_bytes: number;
  /** Only the first 256,000 bytes are here. */
  readonly body_truncated: boolean;
  readonly body_json?: unknown;
  readonly body_text?: string;
  readonly body_base64?: string;
}

export function messageDocument(message: PeekedMessage, mask: Mask): MessageDocument {
  const { failure, headers, body } = message;
  const content = bodyOf(body);
  mask.learn({
    headers: Object.fromEntries(Object.entries(headers).filter(isText)),
    json: content.body_json,
    body: content.body_text ?? '',
  });
  return {
    redelivered: message.redelivered,
    exchange: message.exchange,
    routing_key: message.routingKey,
    ...mask.apply({
      properties: message.properties,
      headers,
      failure: {
        queue: failure.queue ?? null,
        error: failure.error ?? null,
        attempts: failure.attempts ?? null,
        first_failed_at: failure.firstFailedAt ?? null,
      },
    }),
    body_bytes: body.length,
    body_truncated: body.length > MOST_BODY_BYTES,
    ...mask.apply(content),
  };
}

const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string';

/** By what the bytes are, not by what the content type calls them: nobody is held to it. */
function bodyOf(body: Buffer): Pick<MessageDocument, 'body_json' | 'body_text' | 'body_base64'> {
  const shown = body.subarray(0, MOST_BODY_BYTES);
  const isWhole = shown.length === body.length;
  try {
    // A character that the bound cuts in two is left out rather than taken for a sign of binary data.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(shown, { stream: !isWhole });
    return isWhole ? parsed(text) : { body_text: text };
  } catch {
    return { body_base64: shown.toString('base64') };
  }
}

function parsed(text: string): Pick<MessageDocument, 'body_json' | 'body_text'> {
  try {
    return { body_json: JSON.parse(text) };
  } catch {
    return { body_text: text };
  }
}

/** A message as a person reads it. */
export function messageText(message: MessageDocument, number: number, chalk: ChalkInstance): string {
  const { properties, failure, exchange, redelivered } = message;
  const { type, message_id: id, ...others } = properties;
  const title = [type, id].filter((part) => typeof part === 'string').map((part) => printable(String(part)));
  const line = (label: string, text: string) => `  ${chalk.dim(label.padEnd(10))} ${text}`;
  const via = exchange === '' ? 'default exchange' : printable(exchange);
  const lines = [
    chalk.bold([`#${number}`, ...title].join('  ')) + (redelivered ? chalk.yellow('  redelivered') : ''),
    ...failureLines(failure).map(([label, text]) => line(label, chalk.red(text))),
    line('published', `${via}, key ${printable(message.routing_key)}`),
    ...entries(others).map((text) => line('property', text)),
    ...entries(withoutShown(message.headers)).map((text) => line('header', text)),
    line('body', `${message.body_bytes} bytes`),
    ...bodyLines(message).map((text) => `    ${text}`),
  ];
  return `${lines.join('\n')}\n`;
}

function failureLines({ queue, error, attempts, first_failed_at: since }: MessageDocument['failure']) {
  const lines: [string, string][] = [];
  if (error !== null) lines.push(['error', bounded(printable(error), MOST_SHOWN_HEADER)]);
  const facts = [
    attempts === null ? undefined : `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`,
    since === null ? undefined : `first failed ${printable(since)}`,
    queue === null ? undefined : `came from ${printable(queue)}`,
  ].filter((fact) => fact !== undefined);
  if (facts.length > 0) lines.push(['failed', facts.join(', ')]);
  return lines;
}

function entries(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${printable(name)}: ${bounded(printable(text), MOST_SHOWN_HEADER)}`;
  });
}

/** What the lines about the failure say already. */
function withoutShown(headers: MessageDocument['headers']): MessageDocument['headers'] {
  const shown = ['x-error', 'x-attempts', 'x-first-failed-at', 'x-queue'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !shown.includes(name)));
}

function bodyLines({ body_json, body_text, body_base64, body_truncated }: MessageDocument): string[] {
  if (body_base64 !== undefined) return [`binary, base64: ${bounded(body_base64, MOST_SHOWN)}`];
  const text = body_text ?? JSON.stringify(body_json, undefined, 2);
  const shown = bounded(printable(text, { lines: true }), MOST_SHOWN);
  return [...shown.split('\n'), ...(body_truncated ? ['(only its beginning was read)'] : [])];
}

function bounded(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most)}… (${text.length - most} more characters; --json has them)`;
}
