import type { DatabaseAddress } from '../database/index.ts';
import type { Place } from '../lib/place.ts';

/** An expression of the configuration, with where it stands, for errors that are found later. */
export interface WrittenExpression {
  readonly source: string;
  readonly place: Place;
  /** The lines around it. */
  readonly frame: string;
}

/** A status, or `2xx`. */
export type StatusPattern = number | string;

/** What can be asked of a service, by kind. */
interface ProbeFacts {
  http: {
    readonly path: string;
    /** Absent: 2xx. */
    readonly status?: readonly StatusPattern[];
    /** Lower-case names. */
    readonly headers?: Readonly<Record<string, string>>;
    /** CEL over `status`, `headers` and `body`; must be true. */
    readonly body?: WrittenExpression;
  };
  /** The port accepts a connection. */
  tcp: object;
  /** A line of its output, from this start on, holds the text or matches the regular expression. */
  log: { readonly text: string } | { readonly pattern: string; readonly ignoresCase: boolean };
  /** A program that ends with exit code 0; never handed to a shell. */
  command: { readonly command: readonly [string, ...string[]]; readonly cwd: string };
  /** An AMQP broker lets in whoever the URL names; `isOwn`: it is the service, at its own port. */
  amqp: { readonly url: string; readonly isOwn: boolean };
  /** The first row of a query begins with something that is neither null, 0, false nor empty. */
  sql: { readonly statement: string; readonly database: DatabaseAddress };
}

export type ProbeKindName = keyof ProbeFacts;

export type Probe<K extends ProbeKindName = ProbeKindName> = {
  [P in K]: { readonly kind: P } & ProbeFacts[P];
}[K];

/** Several: all must hold, and are asked in this order. */
export interface AllProbes {
  readonly kind: 'all';
  readonly probes: readonly Probe[];
}
