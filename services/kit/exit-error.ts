/** Why a service cannot start: one sentence for each reason, told on stderr without a stack. */
export class ExitError extends Error {
  readonly sentences: readonly string[];
  /** 2: a setting is wrong; 3: the environment failed. */
  readonly exitCode: 2 | 3;

  constructor(sentences: readonly string[], exitCode: 2 | 3, options?: ErrorOptions) {
    super(sentences.join(' '), options);
    this.name = 'ExitError';
    this.sentences = sentences;
    this.exitCode = exitCode;
  }
}
