import type { ServiceSpec } from '../../config/project.ts';
import type { OutputWatch } from './output-watch.ts';
import type { Sight } from './sight.ts';

/** What a probe may look at. */
export interface Look {
  readonly spec: ServiceSpec;
  /** For one answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The mark of the run: every process that a probe starts bears it. */
  readonly run: string;
  /** What the service has written since it was started; absent where nobody watches. */
  readonly output?: OutputWatch | undefined;
}

/** One kind of probe. */
export interface ProbeKind<P> {
  /** Looks once. Rejects only when the signal is aborted. */
  look(probe: P, look: Look): Promise<Sight>;
  /** What is looked at, as the beginning of a sentence that {@link describeSight} ends. */
  subject(probe: P, spec: ServiceSpec): string;
  /** What to do about that sight; undefined: what is usual for a service that is not ready. */
  remedy(sight: Sight, spec: ServiceSpec): string | undefined;
  /** An answer that takes longer is none, where nothing else is said. */
  readonly usualLimitMs: number;
  /** It knocks at the service's port, which is left alone until somebody listens there. */
  knocks(probe: P): boolean;
}

/** A service that accepts and then says nothing must not hold up the next try for long. */
export const TRY_LIMIT_MS = 2_000;
