/** What an expression about one answer may use besides what is in scope anyway. */
export const ANSWER_SCOPE: readonly string[] = ['status', 'headers', 'body', 'text', 'duration_ms'];

/** What an expression about all answers of a parallel step may use besides. */
export const ANSWERS_SCOPE: readonly string[] = ['statuses', 'responses'];
