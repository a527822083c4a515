import type { Knex } from 'knex';
import type { Clock } from '../clock.ts';
import { createKeyedLock } from '../keyed-lock.ts';
import { unavailable } from '../problem.ts';
import type { Random } from '../random.ts';
import { codeOf } from './server-failure.ts';
import type { Store } from './store.ts';

const mostAttempts = 12;

/** Waits grow from the first to the longest, doubling, with full jitter. */
const waitMs = { first: 5, longest: 250 };

/** PostgreSQL, appendix A: what went wrong because of another transaction, and how many attempts that is worth. */
const conflicts: Readonly<Record<string, number>> = {
  // serialization_failure, deadlock_detected
  '40001': mostAttempts,
  '40P01': mostAttempts,
  // unique_violation: who looked before inserting finds the other's row the next time; who did not is wrong every time.
  '23505': 3,
};

/**
 * Transactions at the isolation level at which the result is that of some order of them, one after the other. What two of
 * them cannot both do, one does anew. Whoever has to begin anew does so after the others that have to: they want the same
 * rows, and would conflict again.
 */
export function serializable(
  database: Knex,
  { clock, random }: { clock: Clock; random: Random },
): Store['transaction'] {
  const queue = createKeyedLock();
  return async (work) => {
    const run = () => database.transaction(work, { isolationLevel: 'serializable' });
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await (attempt === 1 ? run() : queue.run('again', run));
      } catch (error) {
        requireAnother(error, attempt);
        await clock.sleep(Math.min(waitMs.longest, waitMs.first * 2 ** (attempt - 1)) * random());
      }
    }
  };
}

/** Throws what the caller gets when there is nothing to be gained by another attempt. */
function requireAnother(error: unknown, attempt: number): void {
  const code = codeOf(error);
  const worth = conflicts[code];
  if (worth === undefined) throw error;
  if (attempt >= worth) throw code === '23505' ? error : tooBusy(error);
}

function tooBusy(cause: unknown) {
  return unavailable('database-busy', 'Too many others change the same things at the moment.', cause);
}
