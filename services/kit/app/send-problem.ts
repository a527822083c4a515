import type { Response } from 'express';
import { currentContext } from '../context.ts';
import { Problem, problemBody, unavailable } from '../problem.ts';
import { isAway } from '../store/index.ts';

/** Answers with `application/problem+json` (RFC 9457). */
export function sendProblem(response: Response, problem: Problem, instance: string): void {
  const { facts } = problem;
  response
    .status(facts.status)
    .set(facts.headers ?? {})
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(facts, instance, currentContext()?.requestId)));
}

/** What an error is to whoever asked. Everything unforeseen is a 500 that tells nothing of the inside. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  const isTooBusy = error instanceof Error && error.name === 'KnexTimeoutError';
  if (isTooBusy) return unavailable('overloaded', 'The service has more work than it can take.', error);
  if (isAway(error))
    return unavailable('database-away', 'The database of the service does not answer.', error);
  const facts = readFailures.get(Number(status));
  if (facts !== undefined) return new Problem(facts, { cause: error });
  return new Problem(
    {
      status: 500,
      kind: 'internal',
      title: 'Something went wrong inside the service',
      detail: 'The service failed; its log has the details under this request id.',
    },
    { cause: error },
  );
}

/** What goes wrong while Express reads a request, by the status that it gives to the error. */
const readFailures = new Map([
  [
    413,
    {
      status: 413,
      kind: 'payload-too-large',
      title: 'The body is too large',
      detail: 'The body is larger than 1 MB.',
    },
  ],
  [
    415,
    {
      status: 415,
      kind: 'unsupported-media-type',
      title: 'The type of the body is not supported',
      detail: 'The body must be UTF-8 and not compressed.',
    },
  ],
  [
    400,
    {
      status: 400,
      kind: 'invalid-request',
      title: 'The request is not valid',
      detail: 'The request cannot be read: its path or its body is malformed.',
    },
  ],
]);
