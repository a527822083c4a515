/** Something a contract or an invariant forbids and a run has shown. */
export interface Finding {
  /** Which rule was broken, in the words of its source: `required`, `type`, `undocumented-status`. */
  readonly rule: string;
  readonly message: string;
  /** `orders#createOrder 201 application/json`, where an operation is meant. */
  readonly subject?: string;
  /** JSON pointer (RFC 6901) into the body that broke the rule. */
  readonly pointer?: string;
}
