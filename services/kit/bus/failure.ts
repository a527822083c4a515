import { Problem } from '../problem.ts';

/** Thrown by a consumer for an event that no further attempt can mend: it goes to the dead letters at once. */
export class Unprocessable extends Error {
  constructor(sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'Unprocessable';
  }
}

/** What a dead or retried event says about its failure: bounded, one line, and no stack. */
export function describeFailure(error: unknown): string {
  const kind = error instanceof Problem ? error.facts.kind : error instanceof Error ? error.name : 'Error';
  const text = error instanceof Error ? error.message : String(error);
  return `${kind}: ${text}`.replaceAll(/\s+/g, ' ').slice(0, 500);
}
