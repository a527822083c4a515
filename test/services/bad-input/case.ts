import type { PlannedCall } from '../../../src/contract/verify/plan.ts';
import type { Described } from './described.ts';
import type { Draft } from './drafts.ts';
import type { People } from './tokens.ts';

/** One request that is to be refused. */
export interface BadCase {
  what: string;
  /** Undefined: whatever refusal the operation documents. */
  statuses?: readonly number[];
  /** Where the answer says that something is wrong: `#/items/0`, `query/limit`. */
  pointer?: string;
  /** Text that fits: it may be taken as the text that it is. */
  isJustText?: boolean;
  /** The good request from which it is made, where it is not the first documented one. */
  from?: PlannedCall;
  change: (good: Draft, people: People) => Draft;
}

/** A way in which requests can be bad, and all of them that an operation can be sent. */
export interface Kind {
  /** Completes "refuses". */
  title: string;
  casesOf(described: Described): BadCase[];
  /** Whether the gateway has a say in it, before any service. */
  isAtGateway?: boolean;
}
