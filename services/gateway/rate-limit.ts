import type { RequestHandler } from 'express';
import { rateLimit, type Store } from 'express-rate-limit';
import { type Clock, Problem } from '../kit/index.ts';
import { clientOf } from './client-of.ts';
import { createRequestCounts } from './request-counts.ts';

interface RateLimitOptions {
  perMinute: number;
  /** Whether load runs on this machine may name their users in `X-Load-Key`. */
  trustsLoadKey: boolean;
  clock: Clock;
}

const windowMs = 60_000;

/**
 * Counts requests per client and minute. Answers carry `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`
 * (seconds); those beyond the limit are 429 problems with `Retry-After`.
 */
export function createRateLimit({ perMinute, trustsLoadKey, clock }: RateLimitOptions): RequestHandler {
  return rateLimit({
    windowMs,
    limit: perMinute,
    store: boundedStore(clock),
    standardHeaders: 'draft-6',
    legacyHeaders: false,
    // Its checks write to the console; what they would find is decided here.
    validate: false,
    keyGenerator: (request) => {
      const address = request.socket.remoteAddress ?? 'unknown';
      return clientOf({ address, loadKey: request.get('x-load-key'), trustsLoadKey });
    },
    handler: (_request, _response, next) => {
      next(
        new Problem({
          status: 429,
          kind: 'too-many-requests',
          title: 'Too many requests',
          detail: `More than ${perMinute} requests came from this client within a minute.`,
        }),
      );
    },
  });
}

/** The library's own store keeps every client for up to two minutes, however many there are. */
function boundedStore(clock: Clock): Store {
  const counts = createRequestCounts({ windowMs, clock });
  const never = () => {
    throw new Error('only options that are not set here take a request back');
  };
  return {
    localKeys: true,
    increment: (client) => {
      const { hits, endsAtMs } = counts.count(client);
      return { totalHits: hits, resetTime: new Date(endsAtMs) };
    },
    decrement: never,
    resetKey: never,
  };
}
