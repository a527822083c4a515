import type { Exchange, ReceivedResponse } from '../model/index.ts';

/** An answer as expressions see it; also what a capture holds. */
export interface Answer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; text for any other media type; null when the body is empty. */
  readonly body: unknown;
  readonly text: string;
  readonly duration_ms: number;
}

/** An exchange in which an answer came. */
export type Answered = Exchange & { readonly response: ReceivedResponse };

export const isAnswered = (exchange: Exchange): exchange is Answered => exchange.response !== undefined;

export function answerOf({ response, durationMs }: Answered): Answer {
  const { status, headers, text } = response;
  const hasJson = Object.hasOwn(response, 'json');
  const body = hasJson ? response.json : text === '' ? null : text;
  return { status, headers, body, text, duration_ms: Math.round(durationMs * 1_000) / 1_000 };
}

/** What a parallel step captures: every answer, in the order in which the requests were sent. */
export interface Answers {
  readonly statuses: readonly number[];
  readonly responses: readonly Answer[];
}

export function answersOf(exchanges: readonly Answered[]): Answers {
  const responses = exchanges.map(answerOf);
  return { statuses: responses.map(({ status }) => status), responses };
}
