/** What one look at a service showed. */
export type Sight =
  | {
      readonly kind: 'answers';
      /** Where a connection was answered; absent when the probe made none. */
      readonly address?: string;
    }
  | { readonly kind: 'status'; readonly status: number; readonly expected?: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'silent'; readonly afterMs: number }
  | { readonly kind: 'error'; readonly message: string }
  | {
      readonly kind: 'unmet';
      /** The end of a sentence that begins with what was probed. */
      readonly words: string;
      readonly remedy?: string;
      /** Waiting does not help. */
      readonly isFinal?: boolean;
    };

/** The sight as the end of a sentence that begins with what was probed. */
export function describeSight(sight: Sight): string {
  switch (sight.kind) {
    case 'answers':
      return 'answered';
    case 'status':
      return `answered with status ${sight.status}${sight.expected === undefined ? '' : `, not ${sight.expected}`}`;
    case 'refused':
      return 'refused the connection: nothing listens there';
    case 'silent':
      return `did not answer within ${sight.afterMs / 1_000} s`;
    case 'error':
      return `failed: ${sight.message}`;
    case 'unmet':
      return sight.words;
  }
}
