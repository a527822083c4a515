import type { JsonSchema } from '../../lib/json-schema.ts';
import type { Mismatch } from '../../model/index.ts';
import type { Path } from '../../source/index.ts';
import type { Answer, Answers } from '../answer.ts';
import type { CompileContext } from '../compile-context.ts';
import type { TestRun } from '../suite.ts';

/** Says what does not fit; nothing when all is well. */
export type CheckAnswer = (answer: Answer, run: TestRun) => readonly Mismatch[];
export type CheckAnswers = (answers: Answers, run: TestRun) => readonly Mismatch[];

/** An assertion that was read: about each answer of a step, or about all answers of a parallel step together. */
export type Check =
  | { readonly about: 'each'; readonly check: CheckAnswer }
  | { readonly about: 'all'; readonly check: CheckAnswers };

export interface AssertionContext extends CompileContext {
  /** Whether the step sends several requests at once. */
  readonly isParallel: boolean;
}

/** A key of `expect`: one file in this folder and one line in its table. */
export interface Assertion {
  readonly key: string;
  readonly schema: JsonSchema;
  /** Reads the value at `path`, which fits `schema`; what is wrong with it goes to `context.problems`. */
  compile(value: unknown, path: Path, context: AssertionContext): Check;
}
