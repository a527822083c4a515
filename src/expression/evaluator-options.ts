import type { Random } from '../lib/random.ts';
import type { FakeData } from './fake-data.ts';

export interface EvaluatorOptions {
  /** Feeds `uuid()`, `unique()` and `fake.*`; the same sequence gives the same values. */
  readonly random: Random;
  /** Epoch milliseconds, for `now()`, and in `uuid()` and `unique()`. */
  readonly now: () => number;
  /** What `env` holds. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From `loadFakeData`; needed where an expression mentions `fake`. */
  readonly fake?: FakeData | undefined;
}
