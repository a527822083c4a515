import type { RequestHandler } from 'express';
import { MemoryStore, rateLimit } from 'express-rate-limit';
import { Problem } from '../kit/index.ts';
import { clientOf } from './client-of.ts';

/** Counts requests per client and minute. Owns a timer until `close`. */
export interface RateLimit {
  handler: RequestHandler;
  close(): void;
}

interface RateLimitOptions {
  perMinute: number;
  /** Whether load runs on this machine may name their users in `X-Load-Key`. */
  trustsLoadKey: boolean;
}

/**
 * Answers carry `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds); those beyond the limit are
 * 429 problems with `Retry-After`.
 */
export function createRateLimit({ perMinute, trustsLoadKey }: RateLimitOptions): RateLimit {
  const store = new MemoryStore();
  const handler = rateLimit({
    windowMs: 60_000,
    limit: perMinute,
    store,
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
  return { handler, close: () => store.shutdown() };
}
