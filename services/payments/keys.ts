import type { RememberedRequest } from '../kit/index.ts';

interface KeyColumns {
  idempotency_key: string | null;
  fingerprint: string | null;
}

/** How a row remembers the request that made it, so that recovery can keep its answer after a crash. */
export function keyColumns(request: RememberedRequest | undefined): KeyColumns {
  return { idempotency_key: request?.key ?? null, fingerprint: request?.fingerprint ?? null };
}

/** The requests that wait for one outcome: the one that made the row, and the one that takes it up now. */
export function waitingRequests(row: KeyColumns, asking: RememberedRequest | undefined): RememberedRequest[] {
  const { idempotency_key: key, fingerprint } = row;
  const first = key === null || fingerprint === null ? [] : [{ key, fingerprint }];
  return asking === undefined ? first : [...first, asking];
}
