import type { IncomingMessage } from 'node:http';
import type { Probe } from '../../config/probe-spec.ts';
import { messageOf } from '../../errors/index.ts';
import type { Evaluator, Scope } from '../../expression/index.ts';
import { createMask } from '../../lib/mask.ts';

/** Bytes of an answer that are read. */
const BODY_LIMIT = 1_048_576;
/** Characters of a value, and values, that are told. */
const SHOWN = 100;
const SHOWN_VALUES = 4;

/** What an expression about an answer may use. */
export const ANSWER_NAMES = ['status', 'headers', 'body'] as const;

/** Loaded only where a probe has an expression. */
export async function probeEvaluator(): Promise<Evaluator> {
  const { createEvaluator } = await import('../../expression/index.ts');
  return createEvaluator({ random: Math.random, now: Date.now, env: process.env });
}

let shared: Promise<Evaluator> | undefined;

/** Why the expression about the body does not hold; undefined when it does, or there is none. */
export async function differenceOfBody(
  { body: expression }: Probe<'http'>,
  response: IncomingMessage,
): Promise<string | undefined> {
  if (expression === undefined) return undefined;
  const text = await boundedText(response);
  if (text === undefined) return 'its body is longer than 1 MiB';
  shared ??= probeEvaluator();
  const evaluator = await shared;
  const scope = { status: response.statusCode ?? 0, headers: headersOf(response), body: parsed(text) };
  const { source } = expression;
  try {
    const value = evaluator.evaluate(source, scope);
    if (value === true) return undefined;
    return value === false
      ? `\`${source}\` is false${reasons(evaluator, source, scope)}`
      : `\`${source}\` is neither true nor false but ${shown(source, value)}`;
  } catch (error) {
    return `\`${source}\` cannot be told: ${messageOf(error)}`;
  }
}

/** Undefined when there is more than is read. */
async function boundedText(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    const bytes: Buffer = Buffer.from(chunk);
    length += bytes.length;
    // Leaving the loop destroys the answer: nothing more of it is received.
    if (length > BODY_LIMIT) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** JSON, whatever its media type says; a text that is none; null for nothing. */
function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

/** The values that made it false: `: body.status is "starting"`. */
function reasons(evaluator: Evaluator, source: string, scope: Scope): string {
  const told = evaluator
    .trace(source, scope)
    .slice(0, SHOWN_VALUES)
    .map((line) =>
      line.error === undefined ? `${line.source} is ${shown(line.source, line.value)}` : line.error,
    );
  return told.length === 0 ? '' : `: ${told.join(', ')}`;
}

/** What is named like a secret is not shown. */
function shown(name: string, value: unknown): string {
  const [masked] = Object.values(createMask({}).apply({ [name]: value }));
  const text = JSON.stringify(masked) ?? 'nothing';
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
