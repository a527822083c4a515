import type { ConsumeMessage, Options } from 'amqplib';
import type { QueueTopology } from './topology.ts';

/** A queue in which an event waits before its next attempt. */
export interface RetryQueue {
  name: string;
  delayMs: number;
}

/**
 * One queue for each wait. A single queue with waits of its messages' own would hold back short ones behind long ones,
 * because a broker looks for expired messages at the head only.
 */
export function retryLadder({ name }: QueueTopology, delaysMs: readonly number[]): RetryQueue[] {
  return delaysMs.map((delayMs) => ({ name: `${name}.retry.${durationText(delayMs)}`, delayMs }));
}

/** Milliseconds as they are written in settings: `250ms`, `2s`, `5m`. */
function durationText(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}

/** What an event carries about its failed attempts. */
export interface FailureRecord {
  /** How many attempts were made. */
  attempts: number;
  error: string;
  firstFailedAt: string;
}

const attemptsHeader = 'x-attempts';
const errorHeader = 'x-error';
const firstFailedHeader = 'x-first-failed-at';
const queueHeader = 'x-queue';

/** The record after one more failure. */
export function recordFailure(message: ConsumeMessage, error: string, now: string): FailureRecord {
  const headers = headersOf(message);
  const attempts: unknown = headers[attemptsHeader];
  const firstFailedAt: unknown = headers[firstFailedHeader];
  const isCount = typeof attempts === 'number' && Number.isInteger(attempts) && attempts > 0;
  return {
    attempts: isCount ? attempts + 1 : 1,
    error,
    firstFailedAt: isCount && typeof firstFailedAt === 'string' ? firstFailedAt.slice(0, 40) : now,
  };
}

/** The same message once more, with the record in its headers. */
export function withRecord(message: ConsumeMessage, record: FailureRecord, queue: string): Options.Publish {
  const { messageId, type, contentType, correlationId, timestamp }: Options.Publish = message.properties;
  // What the broker noted about earlier expiries is its own; newer ones ignore it from a publisher.
  const kept = Object.entries(headersOf(message)).filter(
    ([name]) => !/^x-(death|first-death|last-death)/.test(name),
  );
  return {
    ...Object.fromEntries(
      Object.entries({ messageId, type, contentType, correlationId, timestamp }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
    headers: {
      ...Object.fromEntries(kept),
      [attemptsHeader]: record.attempts,
      [errorHeader]: record.error,
      [firstFailedHeader]: record.firstFailedAt,
      [queueHeader]: queue,
    },
  };
}

export function headersOf({ properties }: ConsumeMessage): Record<string, unknown> {
  return { ...properties.headers };
}
