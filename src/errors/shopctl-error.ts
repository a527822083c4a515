import type { Place } from '../lib/place.ts';
import { catalogue, type ErrorCode, type ExitCode } from './catalogue.ts';

/** One thing that is wrong: a sentence, and where known its place, the lines around it, and the remedy. */
export interface Problem {
  readonly message: string;
  readonly place?: Place;
  readonly frame?: string;
  readonly hint?: string;
}

export interface ErrorFacts {
  readonly message: string;
  /** What is wrong in detail, one entry each; a lone problem may leave this out and use `hint`. */
  readonly problems?: readonly Problem[];
  readonly hint?: string;
  /** Lines of evidence printed below the sentence as they are (the last log lines of a service, say). */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** An error that the user can act on. Anything else that is thrown is a bug and crashes with its stack. */
export class ShopctlError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
  readonly hint: string | undefined;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, { message, problems = [], hint, detail, cause }: ErrorFacts) {
    super(message, { cause });
    this.name = 'ShopctlError';
    this.code = code;
    this.problems = problems;
    this.hint = hint ?? defaultHint(code);
    this.detail = detail;
  }

  get exitCode(): ExitCode {
    return catalogue[this.code].exit;
  }
}

function defaultHint(code: ErrorCode): string | undefined {
  const entry: { readonly exit: ExitCode; readonly hint?: string } = catalogue[code];
  return entry.hint;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
