import { Agent } from 'undici';

/** What came back. `body` holds the members of a JSON answer, and `text` what was really sent. */
export interface Answered {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  text: string;
}

interface Question {
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  rawBody?: string;
  headers?: Record<string, string>;
  /** Ends the waiting for an answer, by an error. */
  signal?: AbortSignal;
}

// By far most of what tests do is to ask, and `fetch` takes five times the processor's time for it.
const agent = new Agent();

/** One request, for example `ask('POST', url, { body })`. */
export async function ask(method: string, url: string, question: Question = {}): Promise<Answered> {
  const { body, rawBody = body === undefined ? undefined : JSON.stringify(body), headers = {} } = question;
  const { origin, pathname, search } = new URL(url);
  const answer = await agent.request({
    origin,
    path: `${pathname}${search}`,
    method,
    headers: rawBody === undefined ? headers : { 'content-type': 'application/json', ...headers },
    body: rawBody ?? null,
    signal: question.signal ?? null,
  });
  const text = await answer.body.text();
  const received = headersOf(answer.headers);
  const isJson = received.get('content-type')?.includes('json') ?? false;
  return { status: answer.statusCode, headers: received, body: isJson ? JSON.parse(text) : {}, text };
}

function headersOf(received: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value = []] of Object.entries(received))
    for (const one of [value].flat()) headers.append(name, one);
  return headers;
}

/** Whether the connection broke before there was an answer, or could not be made. */
export function isBroken(error: unknown): boolean {
  // The system and undici say so in a code; whoever gives up waiting, with a `DOMException`, whose code is a number.
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** Asks again and again until `isEnough`, for at most fifteen seconds; answers the last answer. */
export async function askUntil(url: string, isEnough: (answered: Answered) => boolean): Promise<Answered> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const answered = await ask('GET', url);
    if (isEnough(answered) || Date.now() > deadline) return answered;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Resolves when a service that is slow on purpose has a request in hand, whose answer it holds back. */
export async function untilHeldBack(serviceUrl: string): Promise<void> {
  const isCounted = ({ text }: Answered) => text.includes('\nsimulated_delay_seconds_total{');
  const answered = await askUntil(`${serviceUrl}/metrics`, isCounted);
  if (!isCounted(answered)) throw new Error(`no request was held back: ${answered.text}`);
}
