export interface SentRequest {
  readonly method: string;
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ReceivedResponse {
  readonly status: number;
  /** Lower-case names; several values of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text, at most the client's bound. */
  readonly text: string;
  readonly truncated: boolean;
  /** The parsed body, present only when the media type is JSON and it parses. */
  readonly json?: unknown;
}

/** Why no whole answer came. */
export interface ExchangeFailure {
  readonly kind: 'refused' | 'timeout' | 'reset' | 'dns' | 'aborted' | 'protocol';
  readonly message: string;
}

/** One HTTP request and what came of it: an answer or a failure, never both, never neither. */
export type Exchange = {
  readonly request: SentRequest;
  /** Epoch milliseconds. */
  readonly startedAtMs: number;
  readonly durationMs: number;
} & (
  | { readonly response: ReceivedResponse; readonly failure?: never }
  | { readonly failure: ExchangeFailure; readonly response?: never }
);
