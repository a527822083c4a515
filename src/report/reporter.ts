import type { SuiteRunResult } from '../model/index.ts';

/** A way to write a whole run into a file; one file in this folder and one line in the table of `reporters.ts`. */
export interface Reporter {
  /** The KIND of `--report KIND=FILE`. */
  readonly kind: string;
  serialize(result: SuiteRunResult): string;
}
