import { createHmac } from 'node:crypto';

/** A fixed number of counters for any number of clients: each client has one, and may have it with others. */
export interface SharedCounts {
  /** Counts one request; answers what was counted for all who share the counter. */
  count(client: string, nowMs: number): { hits: number; endsAtMs: number };
  /** What `count` would add to; nothing that has ended. */
  read(client: string, nowMs: number): { hits: number; endsAtMs: number };
}

interface SharedCountsOptions {
  windowMs: number;
  /** How many counters there are. */
  size: number;
  /** Decides who shares a counter with whom. */
  secret: Uint8Array;
}

export function createSharedCounts({ windowMs, size, secret }: SharedCountsOptions): SharedCounts {
  const hits = new Uint32Array(size);
  const ends = new Float64Array(size);
  let lastEndMs = 0;
  const indexOf = (client: string) =>
    createHmac('sha256', secret).update(client).digest().readUInt32LE(0) % size;
  const at = (index: number, nowMs: number) => {
    const endsAtMs = ends[index] ?? 0;
    return endsAtMs <= nowMs ? { hits: 0, endsAtMs: 0 } : { hits: hits[index] ?? 0, endsAtMs };
  };
  return {
    count: (client, nowMs) => {
      const index = indexOf(client);
      const before = at(index, nowMs);
      const endsAtMs = before.hits === 0 ? nowMs + windowMs : before.endsAtMs;
      lastEndMs = Math.max(lastEndMs, endsAtMs);
      hits[index] = before.hits + 1;
      ends[index] = endsAtMs;
      return { hits: before.hits + 1, endsAtMs };
    },
    // While no counter runs, which is nearly always, there is nothing to look up.
    read: (client, nowMs) => (lastEndMs <= nowMs ? { hits: 0, endsAtMs: 0 } : at(indexOf(client), nowMs)),
  };
}
