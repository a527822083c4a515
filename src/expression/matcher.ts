/** What an expected value may be instead of a literal: a test with a name to print when it says no. */
export class Matcher {
  /** In the words of the suite: `is.uuid()`. */
  readonly description: string;
  /** `undefined` stands for an absent value. */
  readonly accepts: (value: unknown) => boolean;

  constructor(description: string, accepts: (value: unknown) => boolean) {
    this.description = description;
    this.accepts = accepts;
  }

  toJSON(): string {
    return this.description;
  }
}
