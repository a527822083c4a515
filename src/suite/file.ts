/** A step as it stands in the file; its kind is told by its keys, and each kind reads its own. */
export type RawStep = Readonly<Record<string, unknown>>;

export interface RawTest {
  readonly test: string;
  readonly tags?: readonly string[];
  readonly skip?: string;
  readonly cases?: readonly Readonly<Record<string, unknown>>[];
  readonly before?: readonly RawStep[];
  readonly steps: readonly RawStep[];
  readonly always?: readonly RawStep[];
}

/** A suite file that fits its schema. */
export interface RawSuite {
  readonly suite: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly needs?: readonly string[];
  readonly parallel?: boolean;
  readonly before?: readonly RawStep[];
  readonly always?: readonly RawStep[];
  readonly tests: readonly RawTest[];
}

/** A file of steps for `use`, fitting its schema. */
export interface RawShared {
  readonly description?: string;
  readonly params?: readonly string[];
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly steps: readonly RawStep[];
  readonly returns?: Readonly<Record<string, unknown>>;
}
