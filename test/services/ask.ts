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

/** One request, for example `ask('POST', url, { body })`. */
export async function ask(method: string, url: string, question: Question = {}): Promise<Answered> {
  const { body, rawBody = body === undefined ? undefined : JSON.stringify(body), headers = {} } = question;
  const { signal = null } = question;
  const response = await fetch(url, {
    method,
    signal,
    headers: rawBody === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(rawBody === undefined ? {} : { body: rawBody }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : {}, text };
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
