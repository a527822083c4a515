import type { Exchange, ReceivedResponse } from '../../model/index.ts';
import type { DocumentedResponse, Operation } from '../openapi/contract.ts';
import { findResponse, statusCovers } from '../openapi/status.ts';

/** A server that is still not ready after so many requests has failed, whatever it promises. */
export const MAX_ATTEMPTS = 5;
const MAX_PAUSE_MS = 10_000;

/** The statuses that say "not now": RFC 9110, 15.6.4, and RFC 6585, 4. */
const NOT_NOW = [429, 503];

/**
 * How long the service asks to be left alone before the same request is sent again, in milliseconds; undefined when
 * this answer is one to judge. Only what the operation documents counts, and only when `Retry-After` says when: that
 * is what a client of the service could rely on. Whoever asks for more than ten seconds is not waited for.
 *
 * @param now epoch milliseconds, for a `Retry-After` that is a date (RFC 9110, 10.2.3)
 */
export function pauseBeforeAnotherTry(
  { operation, expected }: { readonly operation: Operation; readonly expected?: DocumentedResponse },
  { response }: Exchange,
  now: number,
): number | undefined {
  if (response === undefined || !NOT_NOW.includes(response.status)) return undefined;
  if (expected !== undefined && statusCovers(expected.status, response.status)) return undefined;
  if (findResponse(operation.responses, response.status) === undefined) return undefined;
  const pauseMs = retryAfterMs(response, now);
  return pauseMs === undefined || pauseMs > MAX_PAUSE_MS ? undefined : pauseMs;
}

function retryAfterMs({ headers }: ReceivedResponse, now: number): number | undefined {
  const text = headers['retry-after'] ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - now);
}
