import type { ServerResponse } from 'node:http';

/** An answer of the edge itself, as a problem document (RFC 9457). */
export interface EdgeProblem {
  readonly status: 502 | 503;
  readonly title: string;
  readonly detail: string;
}

export const nobodyReady = (service: string): EdgeProblem => ({
  status: 503,
  title: 'Service Unavailable',
  detail: `no replica of ${service} is ready`,
});

export const brokeOff = (member: string): EdgeProblem => ({
  status: 502,
  title: 'Bad Gateway',
  detail: `${member} broke off before it answered; it may have done what it was asked`,
});

/** Seconds; a member that is started again is seldom back sooner. */
const RETRY_AFTER = '1';

export function headersOf({ status }: EdgeProblem, body: string): [string, string][] {
  return [
    ['content-type', 'application/problem+json'],
    ['content-length', String(Buffer.byteLength(body))],
    ['cache-control', 'no-store'],
    ...(status === 503 ? [['retry-after', RETRY_AFTER] as [string, string]] : []),
  ];
}

export const bodyOf = ({ status, title, detail }: EdgeProblem) =>
  `${JSON.stringify({ type: 'about:blank', title, status, detail })}\n`;

/** Answers with the problem, or, where an answer has begun already, breaks it off. */
export function answer(response: ServerResponse, problem: EdgeProblem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = bodyOf(problem);
  response.writeHead(problem.status, headersOf(problem, body).flat()).end(body);
}
