import type { JsonSchema } from '../lib/json-schema.ts';
import type { Path } from '../source/index.ts';
import type { CompileContext } from './compile-context.ts';
import type { RawStep } from './file.ts';
import type { StepRequest, TestRun } from './suite.ts';

/** What a step kind makes of a step in a file. */
export interface UnderstoodStep {
  readonly title: string;
  /** The requests that it may send; none when left out. */
  readonly sends?: readonly StepRequest[];
  run(run: TestRun): Promise<void>;
}

/**
 * A kind of step: one file in `steps/` and one line in its table. The JSON Schema, the checks and the run all come
 * from this definition.
 */
export interface StepKind {
  readonly name: string;
  /** The keys that make a step one of this kind; a step has exactly one such key. */
  readonly markers: readonly string[];
  /** Every key it knows, markers included, with their JSON Schemas. */
  readonly keys: Readonly<Record<string, JsonSchema>>;
  /** Reads the step at `path` of `context.document`; what is wrong goes to `context.problems`. */
  compile(raw: RawStep, path: Path, context: CompileContext): UnderstoodStep;
}
