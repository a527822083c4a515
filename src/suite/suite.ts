import type { Evaluator } from '../expression/index.ts';
import type { HttpRequest } from '../http/index.ts';
import type { Exchange } from '../model/index.ts';
import type { Place, SourceDocument } from '../source/index.ts';

/** What a step works with while its test runs. */
export interface TestRun {
  readonly evaluator: Evaluator;
  /** What every scope holds: base URLs by variable name, and all of them by service name in `services`. */
  readonly services: Readonly<Record<string, unknown>>;
  /** Base URLs, the row of `cases`, parameters, and the captures so far; a step adds its own. */
  readonly scope: Record<string, unknown>;
  readonly signal: AbortSignal;
  /** Sends, has the exchange checked against contracts, and keeps it for the report; `step` is the sender's name. */
  send(request: HttpRequest, timeoutMs: number, step: string): Promise<Exchange>;
}

/** A request as a step writes it down. */
export interface StepRequest {
  /** The step's id, or method and URL as written: `POST gateway/orders`. */
  readonly name: string;
  /** The URL, expressions unevaluated. */
  readonly url: string;
}

/** A step that was understood: nothing in it can be misspelt any more. */
export interface Step {
  /** As written: `POST ${orders}/api/orders`. */
  readonly title: string;
  readonly place: Place;
  readonly document: SourceDocument;
  /** Captures that it reads; a step of `always` is left out when one of them never came. */
  readonly reads: ReadonlySet<string>;
  /** The requests that it may send, those of files that it uses included. */
  readonly sends: readonly StepRequest[];
  /**
   * False: its `when` says that it is left out.
   *
   * @throws StepFailure when that cannot be told
   */
  isDue(run: TestRun): boolean;
  /** @throws StepFailure when it does not do what the file says */
  run(run: TestRun): Promise<void>;
}

export interface Test {
  readonly name: string;
  readonly tags: readonly string[];
  readonly place: Place;
  readonly skip?: string;
  /** One entry for each row of `cases`; one without label for a test that has none. */
  readonly rows: readonly TestRow[];
  readonly before: readonly Step[];
  readonly steps: readonly Step[];
  readonly always: readonly Step[];
}

export interface TestRow {
  /** From 0, in the order of the file. */
  readonly index: number;
  readonly label?: string;
  /** The values behind `case`; templates are resolved when the test starts. */
  values(run: TestRun): Readonly<Record<string, unknown>> | undefined;
}

export interface Suite {
  readonly name: string;
  /** As printed: relative to where the user stands. */
  readonly file: string;
  readonly tags: readonly string[];
  /** Its tests may run at the same time. */
  readonly isParallel: boolean;
  /** Why it cannot run in this topology. */
  readonly skip?: string;
  readonly mentionsFakeData: boolean;
  readonly tests: readonly Test[];
}

/** A file for `use`, understood. */
export interface SharedSteps {
  readonly params: readonly string[];
  readonly steps: readonly Step[];
  readonly hasReturns: boolean;
  /** The values of parameters that the user of the file left out. */
  defaults(run: TestRun): Readonly<Record<string, unknown>>;
  readonly defaultNames: readonly string[];
  returns(run: TestRun): unknown;
}
