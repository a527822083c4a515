import { setTimeout as sleep } from 'node:timers/promises';
import { openReader } from './reader.ts';

/** What a service goes on with after it has answered. */
export interface Unfinished {
  /** Resolves when there is nothing of it. */
  over(): Promise<void>;
  close(): Promise<void>;
}

/** However slow the machine: no work that is waited for takes so long. */
const limitMs = 60_000;

/** `query` finds rows of the SQLite file as long as there is something to do. */
export async function watchUnfinished(file: string, query: string): Promise<Unfinished> {
  const reader = await openReader(file);
  let overAt: unknown;
  return {
    over: async () => {
      for (const deadline = Date.now() + limitMs; ; await sleep(2)) {
        const version = await reader.version();
        if (version === overAt) return;
        const [more] = await reader.all(query);
        if (more === undefined) overAt = version;
        else if (Date.now() > deadline) throw new Error(`still to be done: ${JSON.stringify(more)}`);
      }
    },
    close: reader.close,
  };
}
