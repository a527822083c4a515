import { errors } from 'undici';
import { Problem } from '../kit/index.ts';
import { upstreamDown, upstreamNonsense, upstreamTimeout } from '../kit/upstream/index.ts';

/** A 5xx answer: a failure to the circuit breaker, and yet the answer that the client gets. */
export class FailingAnswer extends Error {}

/** Whoever asked has left, so there is nobody to answer. */
export class ClientGone extends Error {}

/** Whether an error says nothing about the service: the client left, or sent what must not be passed on. */
export function isClientsDoing(error: unknown): boolean {
  return error instanceof ClientGone || (error instanceof Problem && error.facts.status < 500);
}

/** What it is to the client that a service gave no answer: a 502, 503 or 504 problem. */
export function noAnswer(name: string, error: unknown): Problem {
  // The body turned out to be too large while it was sent on.
  if (error instanceof Problem) return error;
  if (error instanceof errors.HeadersTimeoutError) return upstreamTimeout(name, error);
  const isNonsense = error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError;
  return isNonsense ? upstreamNonsense(name, 'does not speak HTTP', error) : upstreamDown(name, error);
}
