import type { LoadRequest } from '../../../config/index.ts';
import type { TrustedAuthority } from '../../../http/index.ts';
import type { GeneratorHealth } from '../../../model/index.ts';
import type { EncodedTally } from '../../tally.ts';

/** What a generator process is to do. */
export interface GeneratorPlan {
  readonly requests: readonly LoadRequest[];
  /** What expressions in requests can see. */
  readonly scope: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  /** The only origins that may be called: checked before the run, and again per request. */
  readonly origins: readonly string[];
  /** Authorities of those among them that have their own. */
  readonly trusted: readonly TrustedAuthority[];
  readonly connections: number;
  readonly warmupMs: number;
  readonly durationMs: number;
  readonly timeoutMs: number;
  /** This process's own. */
  readonly seed: number;
}

export type ToGenerator =
  | { readonly kind: 'plan'; readonly plan: GeneratorPlan }
  /** Sent to all generators once all are ready, so that they start together. */
  | { readonly kind: 'go' }
  /** End now and report what there is. */
  | { readonly kind: 'stop' };

/** Counts of one interval: one tally per request, in the plan's order. */
export interface Interval {
  /** Seconds since the measured window began, from 0. */
  readonly second: number;
  readonly tallies: readonly EncodedTally[];
}

export type FromGenerator =
  | { readonly kind: 'ready' }
  | ({ readonly kind: 'interval' } & Interval)
  | ({ readonly kind: 'done' } & Interval & {
        /** The measured window as it was. */
        readonly measuredMs: number;
        readonly health: GeneratorHealth;
        /** How many connections broke, warm-up included, and why the first one did. */
        readonly breaks: number;
        readonly firstBreak?: string;
      })
  /** A request could not be rendered. */
  | { readonly kind: 'fatal'; readonly message: string };

/** Both ends are of the same build, so the tag tells the shape. */
export const isFromGenerator = (message: unknown): message is FromGenerator =>
  isTagged(message, ['ready', 'interval', 'done', 'fatal']);

export const isToGenerator = (message: unknown): message is ToGenerator =>
  isTagged(message, ['plan', 'go', 'stop']);

function isTagged(message: unknown, kinds: readonly unknown[]): boolean {
  return typeof message === 'object' && message !== null && kinds.includes(Reflect.get(message, 'kind'));
}
