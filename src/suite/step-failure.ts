import type { Exchange, Mismatch } from '../model/index.ts';
import type { Place, SourceDocument } from '../source/index.ts';

export interface StepFailureFacts {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly document: SourceDocument;
  readonly place: Place;
  readonly exchange?: Exchange | undefined;
  readonly mismatches?: readonly Mismatch[];
  readonly usedFrom?: readonly Place[];
  /** Name of the step, the innermost where files are used. */
  readonly step?: string;
  /** Every answer that is not what the step expects; left out where `exchange` is the only one. */
  readonly wrong?: readonly Exchange[];
  readonly cause?: unknown;
}

/** A step that did not do what the file says. Thrown by steps, turned into a `Failure` by the test. */
export class StepFailure extends Error {
  readonly facts: StepFailureFacts;

  constructor(facts: StepFailureFacts) {
    super(facts.message, { cause: facts.cause });
    this.name = 'StepFailure';
    this.facts = facts;
  }
}
