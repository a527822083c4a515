import type { Exchange } from './exchange.ts';
import type { Finding } from './finding.ts';

/** One thing that a verification has looked at: a call made from an example, or the examples of a document. */
export interface ContractCheck {
  readonly service: string;
  /** Names the check within its service: `createOrder: phone`, or `examples`. */
  readonly name: string;
  readonly verdict: 'passed' | 'failed';
  /** Why it failed; empty when it passed. */
  readonly findings: readonly Finding[];
  readonly durationMs: number;
  readonly call?: ContractCall;
}

export interface ContractCall {
  readonly operation: string;
  readonly method: string;
  /** The path template, `/api/orders/{id}`. */
  readonly path: string;
  readonly example: string;
  /** `201`, `4XX` or `default`; absent when no answer is documented for the example. */
  readonly expectedStatus?: string;
  /** Absent when nothing was sent. When a call that comes before failed, its exchange. */
  readonly exchange?: Exchange;
}

/** An example that was left out, because a service that it needs is no part of the topology. */
export interface SkippedCall {
  readonly service: string;
  readonly operation: string;
  readonly example: string;
  /** Names of the services that are not there. */
  readonly needs: readonly string[];
}

/** Which documented answers a run has seen. */
export interface ContractCoverage {
  readonly operations: readonly OperationCoverage[];
  readonly operationsSeen: number;
  readonly statusesSeen: number;
  readonly statusesDocumented: number;
}

interface OperationCoverage {
  readonly service: string;
  readonly operation: string;
  /** In the document's order. */
  readonly statuses: readonly { readonly status: string; readonly seen: boolean }[];
}

/** What came out of a verification of contracts. */
export interface ContractResult {
  readonly verdict: 'passed' | 'failed';
  /** Epoch milliseconds. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly checks: readonly ContractCheck[];
  readonly skipped: readonly SkippedCall[];
  /** Weaknesses of the documents that fail nothing. */
  readonly warnings: readonly Finding[];
  readonly coverage: ContractCoverage;
}
