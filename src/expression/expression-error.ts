interface ExpressionFacts {
  readonly message: string;
  /** The whole expression. */
  readonly source: string;
  /** Where in `source` it went wrong, in UTF-16 units. */
  readonly offset: number;
  readonly length: number;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** An expression that cannot be read, or that the data at hand does not allow. */
export class ExpressionError extends Error {
  readonly source: string;
  readonly offset: number;
  readonly length: number;
  readonly hint: string | undefined;
  /** Path of the scalar in the template, and where in it the expression starts; set when a template was resolved. */
  readonly at: { readonly path: readonly (string | number)[]; readonly offset: number } | undefined;

  constructor(facts: ExpressionFacts, at?: ExpressionError['at']) {
    super(facts.message, { cause: facts.cause });
    this.name = 'ExpressionError';
    this.source = facts.source;
    this.offset = facts.offset;
    this.length = facts.length;
    this.hint = facts.hint;
    this.at = at;
  }

  /** The same error, said of an expression inside a template. */
  within(path: readonly (string | number)[], offset: number): ExpressionError {
    return new ExpressionError(this, { path, offset });
  }
}
